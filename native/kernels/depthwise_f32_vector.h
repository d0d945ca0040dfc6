// Depthwise convolution on vectors of any width. Included by depthwise_f32_<isa>.cpp only; everything has
// internal linkage. Each weight is loaded once for several independent sums, which hide the latency of the
// multiply-add; what remains is one load per multiply-add.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/depthwise_f32.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;

constexpr size_t kLanes = HWY_LANES(float);
constexpr size_t kPlaneVectors = 8;
static_assert(kDepthwisePadding >= kPlaneVectors * kLanes);

template <size_t kVectors>
HWY_INLINE void plane_block(size_t taps, const float* const* rows, const float* weights, float bias, size_t i,
                            float* out) {
  const Floats d;
  FloatVector sums[kVectors];
  for (FloatVector& sum : sums) sum = hn::Set(d, bias);
  for (size_t t = 0; t < taps; ++t) {
    const FloatVector weight = hn::Set(d, weights[t]);
    const float* row = rows[t] + i;
    for (size_t k = 0; k < kVectors; ++k) {
      sums[k] = hn::MulAdd(hn::LoadU(d, row + k * kLanes), weight, sums[k]);
    }
  }
  for (size_t k = 0; k < kVectors; ++k) hn::StoreU(sums[k], d, out + i + k * kLanes);
}

void planes(size_t taps, const float* const* rows, const float* weights, float bias, size_t width,
            float* out) {
  size_t i = 0;
  for (; i + kPlaneVectors * kLanes <= width; i += kPlaneVectors * kLanes) {
    plane_block<kPlaneVectors>(taps, rows, weights, bias, i, out);
  }
  for (; i + 2 * kLanes < width; i += 4 * kLanes) plane_block<4>(taps, rows, weights, bias, i, out);
  for (; i < width; i += 2 * kLanes) plane_block<2>(taps, rows, weights, bias, i, out);
}

// kPixels neighbouring results, one vector of channels, a kernel line known when this is compiled: every
// input pixel is loaded once and serves all results that see it, with the line's weights in registers.
template <size_t kPixels, size_t kTaps, size_t kStride, typename Load, typename Store>
HWY_INLINE void known_block(const DepthwisePixels& block, size_t p, size_t c, Load load, Store store) {
  const Floats d;
  FloatVector sums[kPixels];
  const FloatVector start = block.bias == nullptr ? hn::Zero(d) : load(block.bias + c);
  for (size_t k = 0; k < kPixels; ++k) sums[k] = start;
  for (size_t line = 0; line < block.lines; ++line) {
    const float* const* pixels = block.pixels + line * block.pitch + p * kStride;
    FloatVector weights[kTaps];
    for (size_t tap = 0; tap < kTaps; ++tap) {
      weights[tap] = load(block.weights[line] + tap * block.channels + c);
    }
#pragma GCC unroll 20
    for (size_t i = 0; i < (kPixels - 1) * kStride + kTaps; ++i) {
      const FloatVector x = load(pixels[i] + c);
#pragma GCC unroll 8
      for (size_t k = 0; k < kPixels; ++k) {
        if (i >= k * kStride && i < k * kStride + kTaps) {
          sums[k] = hn::MulAdd(x, weights[i - k * kStride], sums[k]);
        }
      }
    }
  }
  for (size_t k = 0; k < kPixels; ++k) store(sums[k], block.out + (p + k) * block.channels + c);
}

// The same for any kernel: one load for every multiply-add.
template <size_t kPixels, typename Load, typename Store>
HWY_INLINE void any_block(const DepthwisePixels& block, size_t p, size_t c, Load load, Store store) {
  const Floats d;
  FloatVector sums[kPixels];
  const FloatVector start = block.bias == nullptr ? hn::Zero(d) : load(block.bias + c);
  for (size_t k = 0; k < kPixels; ++k) sums[k] = start;
  for (size_t line = 0; line < block.lines; ++line) {
    const float* const* pixels = block.pixels + line * block.pitch + p * block.stride;
    for (size_t tap = 0; tap < block.taps; ++tap) {
      const FloatVector weight = load(block.weights[line] + tap * block.channels + c);
      for (size_t k = 0; k < kPixels; ++k) {
        const FloatVector x = load(pixels[k * block.stride + tap * block.dilation] + c);
        sums[k] = hn::MulAdd(x, weight, sums[k]);
      }
    }
  }
  for (size_t k = 0; k < kPixels; ++k) store(sums[k], block.out + (p + k) * block.channels + c);
}

// kTaps 0: any kernel.
template <size_t kPixels, size_t kTaps, size_t kStride>
HWY_INLINE void all_channels(const DepthwisePixels& block, size_t p) {
  const Floats d;
  const auto one_vector = [&](size_t c, auto load, auto store) HWY_ATTR {
    if constexpr (kTaps == 0) {
      any_block<kPixels>(block, p, c, load, store);
    } else {
      known_block<kPixels, kTaps, kStride>(block, p, c, load, store);
    }
  };
  const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
  const auto store = [&](FloatVector x, float* to) HWY_ATTR { hn::StoreU(x, d, to); };
  size_t c = 0;
  for (; c + kLanes <= block.channels; c += kLanes) one_vector(c, load, store);
  if (c < block.channels) {
    const size_t rest = block.channels - c;
    const auto load_rest = [&](const float* from) HWY_ATTR { return hn::LoadN(d, from, rest); };
    const auto store_rest = [&](FloatVector x, float* to) HWY_ATTR { hn::StoreN(x, d, to, rest); };
    one_vector(c, load_rest, store_rest);
  }
}

// Blocks of kPixels; the last one moves back over results that are there already, and writes them again.
template <size_t kPixels, size_t kTaps, size_t kStride>
void pixel_blocks(const DepthwisePixels& block) {
  for (size_t p = 0; p < block.count; p += kPixels) {
    all_channels<kPixels, kTaps, kStride>(block, p + kPixels <= block.count ? p : block.count - kPixels);
  }
}

template <size_t kTaps, size_t kStride>
void pixel_line(const DepthwisePixels& block) {
  constexpr size_t kMany = 6, kFew = 3;
  if (block.count >= kMany) {
    pixel_blocks<kMany, kTaps, kStride>(block);
  } else if (block.count >= kFew) {
    pixel_blocks<kFew, kTaps, kStride>(block);
  } else {
    pixel_blocks<1, kTaps, kStride>(block);
  }
}

// The kernels of published networks have a path of their own.
void pixels(const DepthwisePixels& block) {
  const bool dense = block.dilation == 1;
  if (dense && block.taps == 3 && block.stride == 1) return pixel_line<3, 1>(block);
  if (dense && block.taps == 3 && block.stride == 2) return pixel_line<3, 2>(block);
  if (dense && block.taps == 5 && block.stride == 1) return pixel_line<5, 1>(block);
  if (dense && block.taps == 5 && block.stride == 2) return pixel_line<5, 2>(block);
  if (dense && block.taps == 7 && block.stride == 1) return pixel_line<7, 1>(block);
  pixel_line<0, 0>(block);
}

HWY_INLINE void pick_row(size_t count, const float* in, size_t step, float* out) {
  const Floats d;
  size_t i = 0;
  if (step == 1) {
    for (; i + kLanes <= count; i += kLanes) hn::StoreU(hn::LoadU(d, in + i), d, out + i);
    if (i < count) hn::StoreN(hn::LoadN(d, in + i, count - i), d, out + i, count - i);
  } else if (step == 2) {
    // A whole block reads one number more than it takes, so it must not take the last one.
    for (; i + kLanes < count; i += kLanes) {
      const float* from = in + 2 * i;
      hn::StoreU(hn::ConcatEven(d, hn::LoadU(d, from + kLanes), hn::LoadU(d, from)), d, out + i);
    }
    if (i < count) {
      const size_t left = 2 * (count - i) - 1;
      const FloatVector lower = hn::LoadN(d, in + 2 * i, left);
      const FloatVector upper =
          left > kLanes ? hn::LoadN(d, in + 2 * i + kLanes, left - kLanes) : hn::Zero(d);
      hn::StoreN(hn::ConcatEven(d, upper, lower), d, out + i, count - i);
    }
  } else {
    for (; i < count; ++i) out[i] = in[i * step];
  }
}

void pick(size_t rows, size_t count, const float* in, size_t in_stride, size_t step, float* out,
          size_t out_stride) {
  for (size_t row = 0; row < rows; ++row) pick_row(count, in + row * in_stride, step, out + row * out_stride);
}

}  // namespace
}  // namespace weft::kernels
