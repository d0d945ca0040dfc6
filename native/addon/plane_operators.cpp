// See addon/plane_operators.h.
#include "addon/plane_operators.h"

#include <utility>

#include "addon/read_named.h"
#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

// The tensor as planes of its last two axes.
struct TensorPlanes {
  std::shared_ptr<Tensor> tensor;
  size_t planes = 1, height = 0, width = 0;
};

TensorPlanes read_planes(const Napi::Value& value) {
  TensorPlanes read;
  read.tensor = tensor_of(value);
  const std::vector<size_t>& shape = read.tensor->shape();
  if (shape.size() < 2) throw status_error(value.Env(), Status::invalid_argument);
  for (size_t axis = 0; axis + 2 < shape.size(); ++axis) read.planes *= shape[axis];
  read.height = shape[shape.size() - 2];
  read.width = shape.back();
  return read;
}

Napi::Object describe(Napi::Env env, const ops::MaskRuns& runs) {
  const auto number = [&](size_t value) { return Napi::Number::New(env, static_cast<double>(value)); };
  Napi::Object described = Napi::Object::New(env);
  described.Set("counts", to_count_array(env, runs.counts));
  described.Set("area", number(runs.area));
  Napi::Array box = Napi::Array::New(env);
  for (const size_t side : runs.box) box.Set(box.Length(), number(side));
  described.Set("box", box);
  return described;
}

}  // namespace

Napi::Value resize_planes(const Napi::CallbackInfo& info, const OperatorContext& context) {
  constexpr Named<ops::Interpolation> kNames[] = {{"nearest", ops::Interpolation::nearest},
                                                  {"bilinear", ops::Interpolation::bilinear},
                                                  {"bicubic", ops::Interpolation::bicubic}};
  const TensorPlanes in = read_planes(info[0]);
  const Napi::Object options = read_object(info[1]);
  ops::PlaneResize resize;
  resize.interpolation = read_named(options.Get("interpolation"), kNames);
  resize.align_corners = read_flag(options.Get("alignCorners"));
  resize.planes = in.planes;
  resize.in_height = in.height;
  resize.in_width = in.width;
  resize.out_height = read_size(options.Get("height"));
  resize.out_width = read_size(options.Get("width"));
  std::vector<size_t> shape = in.tensor->shape();
  shape[shape.size() - 2] = resize.out_height;
  shape.back() = resize.out_width;
  const auto work = [&operators = context.operators, in, resize](Team& team, float* out) {
    return operators.resize_planes(team, resize, in.tensor->floats(), out);
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

Napi::Value encode_masks(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const TensorPlanes in = read_planes(info[0]);
  const auto threshold = static_cast<float>(read_number(info[1]));
  auto runs = std::make_shared<std::vector<ops::MaskRuns>>();
  const auto work = [&operators = context.operators, in, threshold, runs](Team& team, std::string&) {
    return operators.encode_masks(team, in.planes, in.height, in.width, in.tensor->floats(), threshold,
                                  *runs);
  };
  const auto result = [runs](Napi::Env env) {
    Napi::Array list = Napi::Array::New(env, runs->size());
    for (size_t mask = 0; mask < runs->size(); ++mask) {
      const Napi::HandleScope scope(env);
      list.Set(static_cast<uint32_t>(mask), describe(env, (*runs)[mask]));
    }
    return list;
  };
  return start_work(info.Env(), context, work, result, Napi::Object::New(info.Env()));
}

}  // namespace weft::addon
