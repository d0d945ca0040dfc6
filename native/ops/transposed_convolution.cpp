// See ops/transposed_convolution.h. Kernels that tile the result (kernel equals stride) are one product whose
// rows are copied to their places; all others fall apart into stride_y * stride_x ordinary convolutions.
#include "ops/transposed_convolution.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "core/buffer.h"
#include "ops/gemm.h"
#include "ops/image_layout.h"
#include "ops/tile_workers.h"

namespace weft::ops {
namespace {

// A tile's results stay in a quarter of a second cache level of 1 MiB.
constexpr size_t kTileFloats = size_t{1} << 16;
constexpr size_t kMostPixels = 256;

// One direction of a phase: which taps it sees, and where they lie relative to grid point i.
struct PhaseTaps {
  std::vector<size_t> taps;
  std::vector<ptrdiff_t> places;
};

// Result pixel place + i * stride sees input pixel i + (place + begin - tap * dilation) / stride of every tap
// that leaves no remainder; last tap first, so that places ascend.
PhaseTaps phase_taps(const ConvolutionAxis& axis, size_t place) {
  PhaseTaps found;
  for (size_t tap = axis.kernel; tap-- > 0;) {
    const ptrdiff_t distance =
        static_cast<ptrdiff_t>(place + axis.begin) - static_cast<ptrdiff_t>(tap * axis.dilation);
    if (distance % static_cast<ptrdiff_t>(axis.stride) != 0) continue;
    found.taps.push_back(tap);
    found.places.push_back(distance / static_cast<ptrdiff_t>(axis.stride));
  }
  return found;
}

// Result pixels place, place + stride, ... below `size`.
size_t phase_size(const ConvolutionAxis& axis, size_t place, size_t size) {
  return size > place ? (size - place - 1) / axis.stride + 1 : 0;
}

}  // namespace

// Every result pixel has at most one tap, and exactly one without extra pixels.
bool TransposedConvolution::has_apart_kernels() const noexcept {
  const auto apart = [](const ConvolutionAxis& axis) {
    return axis.kernel == axis.stride && (axis.dilation == 1 || axis.kernel == 1);
  };
  return shape_.groups == 1 && extra_y_ == 0 && extra_x_ == 0 && apart(shape_.y) && apart(shape_.x);
}

Status TransposedConvolution::create(const dispatch::KernelTable& table, const ConvolutionShape& shape,
                                     size_t extra_y, size_t extra_x, const ConvolutionWeights& weights,
                                     Activation activation, Precision precision, Team& team,
                                     std::shared_ptr<const TransposedConvolution>& convolution) noexcept {
  const Status valid = check(shape);
  if (valid != Status::ok) return valid;
  if (extra_y > kLongestSide || extra_x > kLongestSide) return Status::invalid_argument;
  try {
    std::shared_ptr<TransposedConvolution> created(new TransposedConvolution());
    created->shape_ = shape;
    created->extra_y_ = extra_y;
    created->extra_x_ = extra_x;
    created->activation_ = activation;
    const FloatWeights floats = float_weights(shape, weights, true);
    if (!floats.is_finite()) return Status::not_finite;
    created->bias_ = floats.bias;
    const Status packed = created->has_apart_kernels() ? created->pack_apart(table, floats, precision, team)
                                                       : created->pack_phases(table, floats, precision, team);
    if (packed != Status::ok) return packed;
    convolution = std::move(created);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

Status TransposedConvolution::pack_apart(const dispatch::KernelTable& table, const FloatWeights& floats,
                                         Precision precision, Team& team) {
  const size_t taps = shape_.taps();
  std::vector<float> ordered;
  for (size_t tap = 0; tap < taps; ++tap) {
    const std::vector<float> one =
        patch_order(floats.weight.data(), shape_.outputs, shape_.inputs, taps, {&tap, 1});
    ordered.insert(ordered.end(), one.begin(), one.end());
    apart_bias_.insert(apart_bias_.end(), bias_.begin(), bias_.end());
  }
  const WeightPart part = {ordered.data(), DType::f32, taps * shape_.outputs, shape_.inputs, false};
  return PackedMatrix::pack(table, {&part, 1}, precision, team, apart_);
}

Status TransposedConvolution::pack_phases(const dispatch::KernelTable& table, const FloatWeights& floats,
                                          Precision precision, Team& team) {
  const size_t channels = shape_.group_inputs(), outputs = shape_.group_outputs(), taps = shape_.taps();
  for (size_t y = 0; y < shape_.y.stride; ++y) {
    const PhaseTaps ys = phase_taps(shape_.y, y);
    for (size_t x = 0; x < shape_.x.stride; ++x) {
      const PhaseTaps xs = phase_taps(shape_.x, x);
      Phase phase = {y, x, tap_runs(ys.places, xs.places), {}};
      std::vector<size_t> chosen;
      for (const size_t ky : ys.taps) {
        for (const size_t kx : xs.taps) chosen.push_back(ky * shape_.x.kernel + kx);
      }
      for (size_t group = 0; group < shape_.groups && !chosen.empty(); ++group) {
        const float* weight = floats.weight.data() + group * outputs * channels * taps;
        const std::vector<float> ordered = patch_order(weight, outputs, channels, taps, chosen);
        const WeightPart part = {ordered.data(), DType::f32, outputs, chosen.size() * channels, false};
        std::shared_ptr<const PackedMatrix> packed;
        const Status status = PackedMatrix::pack(table, {&part, 1}, precision, team, packed);
        if (status != Status::ok) return status;
        phase.groups.push_back(std::move(packed));
      }
      phases_.push_back(std::move(phase));
    }
  }
  return Status::ok;
}

Status TransposedConvolution::run(Team& team, const dispatch::KernelTable& table, size_t batch, size_t height,
                                  size_t width, const float* in, ImageLayout in_layout, float* out,
                                  ImageLayout out_layout) const noexcept {
  if (height > kLongestSide || width > kLongestSide) return Status::invalid_argument;
  const size_t out_pixels = out_height(height) * out_width(width);
  if (batch == 0 || out_pixels == 0) return Status::ok;
  // A picture of one channel is the same in both layouts.
  const bool turn_in = in_layout == ImageLayout::nchw && shape_.inputs > 1;
  const bool turn_out = out_layout == ImageLayout::nchw && shape_.outputs > 1;
  Buffer pixels, results;
  Status status = Status::ok;
  if (turn_in) {
    status = Buffer::allocate(batch * shape_.inputs * height * width * sizeof(float), pixels);
    if (status != Status::ok) return status;
    status = change_layout(team, table, batch, shape_.inputs, height * width, in_layout, in, pixels.floats());
    if (status != Status::ok) return status;
    in = pixels.floats();
  }
  float* target = out;
  if (turn_out) {
    status = Buffer::allocate(batch * shape_.outputs * out_pixels * sizeof(float), results);
    if (status != Status::ok) return status;
    target = results.floats();
  }
  if (apart_ != nullptr) status = run_apart(team, table, batch, height, width, in, target);
  for (const Phase& phase : phases_) {
    status = run_phase(team, table, phase, batch, height, width, in, target);
    if (status != Status::ok) break;
  }
  if (status != Status::ok || !turn_out) return status;
  return change_layout(team, table, batch, shape_.outputs, out_pixels, ImageLayout::nhwc, target, out);
}

Status TransposedConvolution::run_apart(Team& team, const dispatch::KernelTable& table, size_t batch,
                                        size_t height, size_t width, const float* in,
                                        float* out) const noexcept {
  const size_t pixels = batch * height * width;
  const size_t outputs = apart_->outputs();
  const size_t most = std::clamp<size_t>(kTileFloats / outputs, 1, kMostPixels);
  const size_t tile_pixels = std::min(most, pixels / team.size() + 1);
  const size_t bottom = out_height(height), right = out_width(width);
  Epilogue epilogue;
  epilogue.bias = apart_bias_.empty() ? nullptr : apart_bias_.data();
  epilogue.activation = activation_;
  const auto place = [&](size_t pixel, const float* results) {
    const size_t item = pixel / (height * width);
    const auto top = static_cast<ptrdiff_t>(pixel / width % height * shape_.y.stride) -
                     static_cast<ptrdiff_t>(shape_.y.begin);
    const auto left =
        static_cast<ptrdiff_t>(pixel % width * shape_.x.stride) - static_cast<ptrdiff_t>(shape_.x.begin);
    const ptrdiff_t first = std::max<ptrdiff_t>(0, -left);
    const ptrdiff_t last =
        std::min<ptrdiff_t>(static_cast<ptrdiff_t>(shape_.x.kernel), static_cast<ptrdiff_t>(right) - left);
    if (first >= last) return;
    for (size_t ky = 0; ky < shape_.y.kernel; ++ky) {
      const ptrdiff_t y = top + static_cast<ptrdiff_t>(ky);
      if (y < 0 || y >= static_cast<ptrdiff_t>(bottom)) continue;
      const size_t line = (item * bottom + static_cast<size_t>(y)) * right;
      const size_t tap = ky * shape_.x.kernel + static_cast<size_t>(first);
      std::memcpy(out + (line + static_cast<size_t>(left + first)) * shape_.outputs,
                  results + tap * shape_.outputs,
                  static_cast<size_t>(last - first) * shape_.outputs * sizeof(float));
    }
  };
  return for_tiles(team, (pixels + tile_pixels - 1) / tile_pixels, tile_pixels * outputs,
                   [&](size_t tile, float* slot) {
                     const size_t first = tile * tile_pixels;
                     const size_t count = std::min(tile_pixels, pixels - first);
                     Team alone;
                     const Status status = gemm(alone, table, count, in + first * shape_.inputs,
                                                shape_.inputs, *apart_, epilogue, slot, outputs);
                     for (size_t i = 0; i < count && status == Status::ok; ++i)
                       place(first + i, slot + i * outputs);
                     return status;
                   });
}

Status TransposedConvolution::run_phase(Team& team, const dispatch::KernelTable& table, const Phase& phase,
                                        size_t batch, size_t height, size_t width, const float* in,
                                        float* out) const noexcept {
  if (phase.groups.empty()) return fill_phase(table, phase, batch, height, width, out);
  PatchGrid grid;
  PatchTarget target;
  target.data = out;
  target.height = out_height(height);
  target.width = out_width(width);
  target.picture_channels = shape_.outputs;
  target.place_y = phase.place_y;
  target.place_x = phase.place_x;
  target.step_y = shape_.y.stride;
  target.step_x = shape_.x.stride;
  grid.height = phase_size(shape_.y, phase.place_y, target.height);
  grid.width = phase_size(shape_.x, phase.place_x, target.width);
  PatchSource source = {in, height, width, shape_.inputs, 0, shape_.group_inputs(), phase.taps};
  for (size_t group = 0; group < shape_.groups; ++group) {
    source.first_channel = group * shape_.group_inputs();
    target.first_channel = group * shape_.group_outputs();
    const float* bias = bias_.empty() ? nullptr : bias_.data() + target.first_channel;
    const Status status =
        multiply_patches(team, table, batch, source, grid, *phase.groups[group], bias, activation_, target);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

// Pixels that no tap reaches hold the bias alone.
Status TransposedConvolution::fill_phase(const dispatch::KernelTable& table, const Phase& phase, size_t batch,
                                         size_t height, size_t width, float* out) const noexcept {
  Buffer pixel;
  const Status allocated = Buffer::allocate(shape_.outputs * sizeof(float), pixel);
  if (allocated != Status::ok) return allocated;
  std::fill_n(pixel.floats(), shape_.outputs, 0.0f);
  std::copy(bias_.begin(), bias_.end(), pixel.floats());
  table.rows_f32->activate(activation_, 1, shape_.outputs, pixel.floats(), shape_.outputs, pixel.floats(),
                           shape_.outputs);
  const size_t bottom = out_height(height), right = out_width(width);
  for (size_t item = 0; item < batch; ++item) {
    for (size_t y = phase.place_y; y < bottom; y += shape_.y.stride) {
      for (size_t x = phase.place_x; x < right; x += shape_.x.stride) {
        std::memcpy(out + ((item * bottom + y) * right + x) * shape_.outputs, pixel.floats(),
                    shape_.outputs * sizeof(float));
      }
    }
  }
  return Status::ok;
}

}  // namespace weft::ops
