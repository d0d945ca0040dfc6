// See addon/convolution_operators.h.
#include "addon/convolution_operators.h"

#include <optional>
#include <utility>

#include "addon/read_named.h"
#include "addon/read_weight.h"
#include "addon/tensor_operators.h"
#include "ops/load_linear.h"

namespace weft::addon {
namespace {

// A spec whose numbers are still where the checkpoint keeps them.
struct ConvolutionLoad {
  bool transposed = false;
  ops::ConvolutionShape shape;
  size_t extra_y = 0;
  size_t extra_x = 0;
  Activation activation = Activation::none;
  ops::Precision precision = ops::Precision::f32;
  double epsilon = 0;
  // weight, bias, and the norm's mean, variance, weight, bias; count 0 for what is left out.
  ops::StoredNumbers weight, bias, mean, variance, gain, shift;
};

ops::ConvolutionAxis read_axis(const Napi::Value& value, size_t& extra) {
  const Napi::Array numbers = read_array(value);
  extra = read_size(numbers.Get(5u));
  return {read_size(numbers.Get(0u)), read_size(numbers.Get(1u)), read_size(numbers.Get(2u)),
          read_size(numbers.Get(3u)), read_size(numbers.Get(4u))};
}

ops::StoredNumbers read_numbers(const Napi::Value& value, size_t count) {
  if (!is_given(value)) return {};
  ops::StoredNumbers numbers = read_weight(value).numbers;
  if (numbers.count != count) {
    refuse(value.Env(), "tensor " + numbers.name + " has " + std::to_string(numbers.count) +
                            " numbers, and the convolution needs " + std::to_string(count));
  }
  return numbers;
}

ConvolutionLoad read_convolution(const Napi::Value& value, const Napi::Value& precision) {
  const Napi::Object spec = read_object(value);
  ConvolutionLoad load;
  load.transposed = read_flag(spec.Get("transposed"));
  load.shape.inputs = read_size(spec.Get("inputs"));
  load.shape.outputs = read_size(spec.Get("outputs"));
  load.shape.groups = read_size(spec.Get("groups"));
  load.shape.y = read_axis(spec.Get("y"), load.extra_y);
  load.shape.x = read_axis(spec.Get("x"), load.extra_x);
  load.activation = read_activation(spec.Get("activation"));
  load.precision = read_precision(precision);
  if (ops::check(load.shape) != Status::ok) refuse(value.Env(), "the convolution's sizes do not fit");
  const size_t outputs = load.shape.outputs;
  load.weight = read_numbers(spec.Get("weight"), outputs * load.shape.group_inputs() * load.shape.taps());
  load.bias = read_numbers(spec.Get("bias"), outputs);
  if (is_given(spec.Get("norm"))) {
    const Napi::Object norm = read_object(spec.Get("norm"));
    load.mean = read_numbers(norm.Get("mean"), outputs);
    load.variance = read_numbers(norm.Get("variance"), outputs);
    load.gain = read_numbers(norm.Get("weight"), outputs);
    load.shift = read_numbers(norm.Get("bias"), outputs);
    load.epsilon = read_number(norm.Get("epsilon"));
    if (load.mean.count == 0 || load.variance.count == 0) refuse(value.Env());
  }
  return load;
}

Status build(const ops::Operators& operators, const ConvolutionLoad& load, Team& team, HeldConvolution& built,
             std::string& detail) {
  std::vector<float> weight, bias, mean, variance, gain, shift;
  const std::pair<const ops::StoredNumbers*, std::vector<float>*> loads[] = {
      {&load.weight, &weight},     {&load.bias, &bias}, {&load.mean, &mean},
      {&load.variance, &variance}, {&load.gain, &gain}, {&load.shift, &shift}};
  for (const auto& [stored, floats] : loads) {
    const Status status = ops::append_numbers(*stored, *floats, detail);
    if (status != Status::ok) return status;
  }
  const auto pointer = [](const std::vector<float>& floats) {
    return floats.empty() ? nullptr : floats.data();
  };
  const ops::BatchNorm norm = {mean.data(), variance.data(), pointer(gain), pointer(shift), load.epsilon};
  const ops::ConvolutionWeights weights = {weight.data(), pointer(bias), mean.empty() ? nullptr : &norm};
  if (load.transposed) {
    return operators.prepare_transposed(team, load.shape, load.extra_y, load.extra_x, weights,
                                        load.activation, load.precision, built.transposed);
  }
  return operators.prepare_convolution(team, load.shape, weights, load.activation, load.precision,
                                       built.plain);
}

ops::ImageLayout read_layout(const Napi::Value& value) {
  constexpr Named<ops::ImageLayout> kLayouts[] = {{"nchw", ops::ImageLayout::nchw},
                                                  {"nhwc", ops::ImageLayout::nhwc}};
  return read_named(value, kLayouts);
}

struct PictureSides {
  size_t batch, channels, height, width;

  std::vector<size_t> shape(ops::ImageLayout layout) const {
    if (layout == ops::ImageLayout::nchw) return {batch, channels, height, width};
    return {batch, height, width, channels};
  }
};

PictureSides read_sides(Napi::Env env, const Tensor& tensor, ops::ImageLayout layout) {
  const std::vector<size_t>& shape = tensor.shape();
  if (shape.size() != 4) throw status_error(env, Status::invalid_argument);
  if (layout == ops::ImageLayout::nchw) return {shape[0], shape[1], shape[2], shape[3]};
  return {shape[0], shape[3], shape[1], shape[2]};
}

}  // namespace

Napi::Value build_convolution(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Env env = info.Env();
  auto built = std::make_shared<HeldConvolution>();
  const auto work = [&operators = context.operators, built, load = read_convolution(info[0], info[1])](
                        Team& team, std::string& detail) {
    return build(operators, load, team, *built, detail);
  };
  const auto result = [built](Napi::Env result_env) {
    Napi::Object made = Napi::Object::New(result_env);
    made.Set("handle", make_handle(result_env, std::shared_ptr<const HeldConvolution>(built)));
    return made;
  };
  return start_work(env, context, work, result, Napi::Object::New(env));
}

Napi::Value run_convolution(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<const HeldConvolution> held = handle_target<const HeldConvolution>(info[0]);
  const std::shared_ptr<Tensor> in = tensor_of(info[1]);
  const Napi::Object options = read_object(info[2]);
  const ops::ImageLayout layout = read_layout(options.Get("layout"));
  std::shared_ptr<Tensor> residual;
  if (is_given(options.Get("residual"))) residual = tensor_of(options.Get("residual"));
  const PictureSides sides = read_sides(env, *in, layout);
  const ops::ConvolutionShape& shape = held->plain ? held->plain->shape() : held->transposed->shape();
  PictureSides out_sides = {sides.batch, shape.outputs, 0, 0};
  if (held->plain) {
    out_sides.height = ops::convolution_size(shape.y, sides.height);
    out_sides.width = ops::convolution_size(shape.x, sides.width);
  } else {
    out_sides.height = held->transposed->out_height(sides.height);
    out_sides.width = held->transposed->out_width(sides.width);
  }
  const bool fits = sides.channels == shape.inputs && out_sides.height != 0 && out_sides.width != 0 &&
                    (residual == nullptr || (held->plain && residual->shape() == out_sides.shape(layout)));
  if (!fits) throw status_error(env, Status::invalid_argument);
  const auto work = [&operators = context.operators, held, in, residual, sides, layout](Team& team,
                                                                                        float* out) {
    if (held->plain) {
      return operators.convolve(team, *held->plain, sides.batch, sides.height, sides.width, in->floats(),
                                layout, residual == nullptr ? nullptr : residual->floats(), out, layout);
    }
    return operators.convolve_transposed(team, *held->transposed, sides.batch, sides.height, sides.width,
                                         in->floats(), layout, out, layout);
  };
  return start_tensor_work(env, context, out_sides.shape(layout), work);
}

Napi::Value release_convolution(const Napi::CallbackInfo& info) {
  release_handle<const HeldConvolution>(info[0]);
  return info.Env().Undefined();
}

}  // namespace weft::addon
