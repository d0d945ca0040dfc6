// See ops/convolution.h.
#include "ops/convolution.h"

#include <new>
#include <numeric>
#include <utility>

#include "ops/depthwise_convolution.h"
#include "ops/image_layout.h"

namespace weft::ops {
namespace {

bool is_depthwise(const ConvolutionShape& shape) { return shape.groups > 1 && shape.group_inputs() == 1; }

// Where the taps of one direction lie relative to a grid point.
std::vector<ptrdiff_t> tap_places(const ConvolutionAxis& axis) {
  std::vector<ptrdiff_t> places;
  for (size_t tap = 0; tap < axis.kernel; ++tap) {
    places.push_back(static_cast<ptrdiff_t>(tap * axis.dilation) - static_cast<ptrdiff_t>(axis.begin));
  }
  return places;
}

}  // namespace

Status Convolution::create(const dispatch::KernelTable& table, const ConvolutionShape& shape,
                           const ConvolutionWeights& weights, Activation activation, Precision precision,
                           Team& team, std::shared_ptr<const Convolution>& convolution) noexcept {
  const Status valid = check(shape);
  if (valid != Status::ok) return valid;
  try {
    std::shared_ptr<Convolution> created(new Convolution());
    created->shape_ = shape;
    created->activation_ = activation;
    created->taps_ = tap_runs(tap_places(shape.y), tap_places(shape.x));
    FloatWeights floats = float_weights(shape, weights, false);
    const Status packed = created->pack(table, floats, precision, team);
    if (packed != Status::ok) return packed;
    created->bias_ = std::move(floats.bias);
    convolution = std::move(created);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

Status Convolution::pack(const dispatch::KernelTable& table, const FloatWeights& floats, Precision precision,
                         Team& team) {
  if (!floats.is_finite()) return Status::not_finite;
  if (is_depthwise(shape_)) {
    depthwise_ = floats.weight;
    return Status::ok;
  }
  const size_t channels = shape_.group_inputs();
  const size_t outputs = shape_.group_outputs();
  const size_t inputs = channels * shape_.taps();
  std::vector<size_t> all_taps(shape_.taps());
  std::iota(all_taps.begin(), all_taps.end(), size_t{0});
  for (size_t group = 0; group < shape_.groups; ++group) {
    const std::vector<float> ordered = patch_order(floats.weight.data() + group * outputs * inputs, outputs,
                                                   channels, shape_.taps(), all_taps);
    const WeightPart part = {ordered.data(), DType::f32, outputs, inputs, false};
    std::shared_ptr<const PackedMatrix> packed;
    const Status status = PackedMatrix::pack(table, {&part, 1}, precision, team, packed);
    if (status != Status::ok) return status;
    groups_.push_back(std::move(packed));
  }
  return Status::ok;
}

Status Convolution::run(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height,
                        size_t width, const float* in, ImageLayout in_layout, const float* residual,
                        float* out, ImageLayout out_layout) const noexcept {
  if (height > kLongestSide || width > kLongestSide) return Status::invalid_argument;
  if (residual != nullptr && (out_layout != ImageLayout::nhwc || is_depthwise(shape_))) {
    return Status::invalid_argument;
  }
  const float* bias = bias_.empty() ? nullptr : bias_.data();
  if (is_depthwise(shape_)) {
    const DepthwiseProblem problem = {shape_, depthwise_.data(), bias, activation_, batch, height, width};
    return convolve_depthwise(team, table, problem, in, in_layout, out, out_layout);
  }
  Buffer pixels;
  if (in_layout == ImageLayout::nchw && shape_.inputs > 1) {
    const Status allocated = Buffer::allocate(batch * shape_.inputs * height * width * sizeof(float), pixels);
    if (allocated != Status::ok) return allocated;
    const Status changed =
        change_layout(team, table, batch, shape_.inputs, height * width, in_layout, in, pixels.floats());
    if (changed != Status::ok) return changed;
    in = pixels.floats();
  }
  // A picture of one channel is the same in both layouts.
  const ImageLayout layout = shape_.outputs == 1 ? ImageLayout::nhwc : out_layout;
  return run_products(team, table, batch, height, width, in, residual, out, layout);
}

Status Convolution::run_products(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height,
                                 size_t width, const float* in, const float* residual, float* out,
                                 ImageLayout out_layout) const noexcept {
  PatchGrid grid;
  grid.height = convolution_size(shape_.y, height);
  grid.width = convolution_size(shape_.x, width);
  grid.step_y = shape_.y.stride;
  grid.step_x = shape_.x.stride;
  PatchSource source = {in, height, width, shape_.inputs, 0, shape_.group_inputs(), taps_};
  PatchTarget target;
  target.data = out;
  target.residual = residual;
  target.layout = out_layout;
  target.height = grid.height;
  target.width = grid.width;
  target.picture_channels = shape_.outputs;
  for (size_t group = 0; group < shape_.groups; ++group) {
    source.first_channel = group * shape_.group_inputs();
    target.first_channel = group * shape_.group_outputs();
    const float* bias = bias_.empty() ? nullptr : bias_.data() + target.first_channel;
    const Status status =
        multiply_patches(team, table, batch, source, grid, *groups_[group], bias, activation_, target);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

}  // namespace weft::ops
