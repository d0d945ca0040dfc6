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
constexpr size_t kPixelBlock = 4;
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

// kPixels neighbouring pixels, one vector of channels from `c` on; load and store know how many lanes count.
template <size_t kPixels, typename Load, typename Store>
HWY_INLINE void pixel_block(Load load, Store store, size_t taps, const float* const* first,
                            const float* const* weights, size_t step, size_t offset, size_t channels,
                            size_t c, const float* bias, float* out) {
  const Floats d;
  FloatVector sums[kPixels];
  const FloatVector start = bias == nullptr ? hn::Zero(d) : load(bias + c);
  for (FloatVector& sum : sums) sum = start;
  for (size_t t = 0; t < taps; ++t) {
    const FloatVector weight = load(weights[t] + c);
    const float* pixel = first[t] + offset + c;
    for (size_t p = 0; p < kPixels; ++p) sums[p] = hn::MulAdd(load(pixel + p * step), weight, sums[p]);
  }
  for (size_t p = 0; p < kPixels; ++p) store(sums[p], out + p * channels + c);
}

template <size_t kPixels>
HWY_INLINE void pixel_group(size_t taps, const float* const* first, const float* const* weights, size_t step,
                            size_t offset, size_t channels, const float* bias, float* out) {
  const Floats d;
  size_t c = 0;
  const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
  const auto store = [&](FloatVector x, float* to) HWY_ATTR { hn::StoreU(x, d, to); };
  for (; c + kLanes <= channels; c += kLanes) {
    pixel_block<kPixels>(load, store, taps, first, weights, step, offset, channels, c, bias, out);
  }
  if (c < channels) {
    const size_t rest = channels - c;
    const auto load_rest = [&](const float* from) HWY_ATTR { return hn::LoadN(d, from, rest); };
    const auto store_rest = [&](FloatVector x, float* to) HWY_ATTR { hn::StoreN(x, d, to, rest); };
    pixel_block<kPixels>(load_rest, store_rest, taps, first, weights, step, offset, channels, c, bias, out);
  }
}

void pixels(size_t taps, const float* const* first, const float* const* weights, size_t step,
            size_t pixel_count, size_t channels, const float* bias, float* out) {
  size_t p = 0;
  for (; p + kPixelBlock <= pixel_count; p += kPixelBlock) {
    pixel_group<kPixelBlock>(taps, first, weights, step, p * step, channels, bias, out + p * channels);
  }
  for (; p < pixel_count; ++p) {
    pixel_group<1>(taps, first, weights, step, p * step, channels, bias, out + p * channels);
  }
}

void pick(const float* in, size_t step, size_t count, float* out) {
  const Floats d;
  size_t i = 0;
  if (step == 1) {
    for (; i + kLanes <= count; i += kLanes) hn::StoreU(hn::LoadU(d, in + i), d, out + i);
  } else if (step == 2) {
    // Reads one number more than it takes, so the last one taken must not be the last one there.
    for (; i + kLanes < count; i += kLanes) {
      FloatVector even, odd;
      hn::LoadInterleaved2(d, in + 2 * i, even, odd);
      hn::StoreU(even, d, out + i);
    }
  }
  for (; i < count; ++i) out[i] = in[i * step];
}

}  // namespace
}  // namespace weft::kernels
