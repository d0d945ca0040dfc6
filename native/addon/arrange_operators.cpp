// See addon/arrange_operators.h.
#include "addon/arrange_operators.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "addon/read_value.h"
#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

using Shape = std::vector<size_t>;

size_t product(Shape::const_iterator first, Shape::const_iterator last) {
  size_t sides = 1;
  for (; first != last; ++first) sides *= *first;
  return sides;
}

// An axis of the tensor, and how many numbers are before and within one step of it.
struct AxisPlace {
  size_t axis = 0, outer = 1, along = 1, inner = 1;
};

AxisPlace read_axis(const Napi::Value& value, const Shape& shape) {
  AxisPlace place;
  place.axis = read_size(value);
  if (place.axis >= shape.size()) refuse(value.Env());
  const auto axis = shape.begin() + static_cast<std::ptrdiff_t>(place.axis);
  place.outer = product(shape.begin(), axis);
  place.along = *axis;
  place.inner = product(axis + 1, shape.end());
  return place;
}

// A copy: JavaScript may change its array while the rows are gathered.
std::vector<int32_t> copy_indices(const Napi::Value& value) {
  if (!value.IsTypedArray()) refuse(value.Env());
  const size_t count = value.As<Napi::TypedArray>().ElementLength();
  if (count == 0) return {};
  const auto* data = read_buffer<int32_t>(value, napi_int32_array, static_cast<int64_t>(count),
                                          Napi::Array::New(value.Env()));
  return {data, data + count};
}

// Two tensors, the second as long as the last axes of the first.
struct Pair {
  std::shared_ptr<Tensor> a, b;
};

Pair read_pair(const Napi::CallbackInfo& info) {
  Pair pair = {tensor_of(info[0]), tensor_of(info[1])};
  const Shape& a = pair.a->shape();
  const Shape& b = pair.b->shape();
  if (b.size() > a.size() || !std::equal(b.rbegin(), b.rend(), a.rbegin())) refuse(info.Env());
  return pair;
}

}  // namespace

Napi::Value gather_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> in = tensor_of(info[0]);
  if (in->shape().empty()) refuse(info.Env());
  const size_t width = in->shape().back();
  const size_t rows = product(in->shape().begin(), in->shape().end() - 1);
  std::vector<int32_t> indices = copy_indices(info[1]);
  Shape shape = read_shape(info[2]);
  if (product(shape.begin(), shape.end()) != indices.size()) refuse(info.Env());
  shape.push_back(width);
  const auto work = [&operators = context.operators, in, rows, width, indices = std::move(indices)](
                        Team& team, float* out) {
    return operators.gather_rows(team, rows, width, in->floats(), indices, out);
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

Napi::Value concat_tensors(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Array list = read_array(info[0]);
  std::vector<std::shared_ptr<Tensor>> tensors;
  for (uint32_t index = 0; index < list.Length(); ++index) tensors.push_back(tensor_of(list.Get(index)));
  if (tensors.empty()) refuse(info.Env());
  Shape shape = tensors.front()->shape();
  const AxisPlace place = read_axis(info[1], shape);
  std::vector<ops::ConcatPart> parts;
  shape[place.axis] = 0;
  for (const std::shared_ptr<Tensor>& tensor : tensors) {
    Shape sides = tensor->shape();
    if (sides.size() != shape.size()) refuse(info.Env());
    const size_t along = std::exchange(sides[place.axis], shape[place.axis]);
    if (sides != shape) refuse(info.Env());
    parts.push_back({tensor->floats(), along * place.inner});
    shape[place.axis] += along;
  }
  const auto work = [&operators = context.operators, tensors = std::move(tensors), parts = std::move(parts),
                     outer = place.outer](Team& team, float* out) {
    operators.concat(team, outer, parts, out);
    return Status::ok;
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

Napi::Value permute_axes(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> in = tensor_of(info[0]);
  const Shape axes = read_shape(info[1]);
  if (axes.size() != in->shape().size()) refuse(info.Env());
  Shape shape;
  for (const size_t axis : axes) {
    if (axis >= axes.size()) refuse(info.Env());
    shape.push_back(in->shape()[axis]);
  }
  const auto work = [&operators = context.operators, in, axes](Team& team, float* out) {
    return operators.permute_axes(team, in->shape(), axes, in->floats(), out);
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

Napi::Value add_tensors(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Pair pair = read_pair(info);
  const auto scale = static_cast<float>(read_number(info[2]));
  const auto work = [&operators = context.operators, pair, scale](Team& team, float* out) {
    return operators.add_numbers(team, pair.a->count(), pair.a->floats(), pair.b->count(), pair.b->floats(),
                                 scale, out);
  };
  return start_tensor_work(info.Env(), context, pair.a->shape(), work);
}

Napi::Value multiply_tensors(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Pair pair = read_pair(info);
  const auto work = [&operators = context.operators, pair](Team& team, float* out) {
    return operators.multiply_numbers(team, pair.a->count(), pair.a->floats(), pair.b->count(),
                                      pair.b->floats(), out);
  };
  return start_tensor_work(info.Env(), context, pair.a->shape(), work);
}

Napi::Value mean_axis(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> in = tensor_of(info[0]);
  const AxisPlace place = read_axis(info[1], in->shape());
  Shape shape = in->shape();
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(place.axis));
  const auto work = [&operators = context.operators, in, place](Team& team, float* out) {
    return operators.mean_axis(team, place.outer, place.along, place.inner, in->floats(), out);
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

}  // namespace weft::addon
