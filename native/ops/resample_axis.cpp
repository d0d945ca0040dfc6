// Filters, windows and fixed-point weights as Pillow 12 computes them (measured against it bit for bit):
// support = filter support x max(scale, 1), centre = (i + 0.5) x scale, window clipped to the source, weights
// normalised in double, then rounded half away from zero to multiples of 2^-22. Compiled without contraction.
#include "ops/resample_axis.h"

#include <algorithm>
#include <cmath>

namespace weft::ops {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kOne = 1 << kernels::kPrecisionBits;

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= kPi;
  return std::sin(x) / x;
}

// Pillow's Hamming window has single-precision constants.
double hamming(double x) {
  x = std::fabs(x);
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  x *= kPi;
  return std::sin(x) / x * (double{0.54f} + double{0.46f} * std::cos(x));
}

// Keys' cubic convolution with a = -0.5 (Keys 1981, equation 4).
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double evaluate(Filter filter, double x) {
  switch (filter) {
    case Filter::box:
      return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case Filter::bilinear:
      return std::fabs(x) < 1.0 ? 1.0 - std::fabs(x) : 0.0;
    case Filter::hamming:
      return hamming(x);
    case Filter::bicubic:
      return bicubic(x);
    case Filter::lanczos:
      return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
    case Filter::nearest:
      break;
  }
  return 0.0;
}

int32_t to_fixed_point(double weight) {
  return static_cast<int32_t>(weight < 0 ? weight * kOne - 0.5 : weight * kOne + 0.5);
}

int round_up_to_block(int taps) {
  return (taps + kernels::kTapBlock - 1) / kernels::kTapBlock * kernels::kTapBlock;
}

}  // namespace

double filter_support(Filter filter) noexcept {
  switch (filter) {
    case Filter::box:
      return 0.5;
    case Filter::bilinear:
    case Filter::hamming:
      return 1.0;
    case Filter::bicubic:
      return 2.0;
    case Filter::lanczos:
      return 3.0;
    case Filter::nearest:
      break;
  }
  return 0.0;
}

void ResampleAxis::build_passthrough(int offset, int count) {
  passthrough_ = true;
  offset_ = offset;
  count_ = count;
}

void ResampleAxis::build(Filter filter, int source_size, Span span, int target_size, int first, int last) {
  // Pillow hands the span over in single precision. They stay floats from here on: put
  // back into a Span of doubles, GCC 12 would drop the rounding (see CMakeLists.txt).
  const float start = static_cast<float>(span.start);
  const float end = static_cast<float>(span.end);
  if (end - start == static_cast<float>(target_size) && start == std::floor(start)) {
    build_passthrough(static_cast<int>(start) + first, last - first);
    return;
  }
  passthrough_ = false;
  count_ = last - first;
  first_.assign(static_cast<size_t>(count_), 0);
  taps_.assign(static_cast<size_t>(count_), 0);
  if (filter == Filter::nearest) {
    build_nearest(source_size, start, end, target_size, first);
  } else {
    build_filtered(filter, source_size, start, end, target_size, first);
  }
  most_taps_ = 0;
  for (const int32_t taps : taps_) most_taps_ = std::max(most_taps_, taps);
  split_weights();
}

// One tap of weight 1. The position is summed up step by step as Pillow does: the rounding errors are part of
// it.
void ResampleAxis::build_nearest(int source_size, float start, float end, int target_size, int first) {
  stride_ = kernels::kTapBlock;
  weights_.assign(static_cast<size_t>(count_) * static_cast<size_t>(stride_), 0);
  const double step = static_cast<double>(end - start) / target_size;
  double position = static_cast<double>(start) + step * 0.5;
  for (int i = 0; i < first + count_; ++i, position += step) {
    if (i < first) continue;
    const auto index = static_cast<size_t>(i - first);
    const int source = static_cast<int>(position);
    // Past the end by rounding: no tap, which gives 0.
    if (source < 0 || source >= source_size) continue;
    first_[index] = source;
    taps_[index] = 1;
    weights_[index * static_cast<size_t>(stride_)] = 1 << kernels::kPrecisionBits;
  }
}

void ResampleAxis::build_filtered(Filter filter, int source_size, float start, float end, int target_size,
                                  int first) {
  const double scale = static_cast<double>(end - start) / target_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = filter_support(filter) * filter_scale;
  const double inverse = 1.0 / filter_scale;
  stride_ = round_up_to_block(std::min(static_cast<int>(std::ceil(support)) * 2 + 1, source_size));
  weights_.assign(static_cast<size_t>(count_) * static_cast<size_t>(stride_), 0);
  std::vector<double> window(static_cast<size_t>(stride_));
  for (int i = 0; i < count_; ++i) {
    const double centre = static_cast<double>(start) + (first + i + 0.5) * scale;
    const int low = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int high = std::min(static_cast<int>(centre + support + 0.5), source_size);
    const int taps = std::max(high - low, 0);
    double total = 0.0;
    for (int k = 0; k < taps; ++k) {
      const double weight = evaluate(filter, (k + low - centre + 0.5) * inverse);
      window[static_cast<size_t>(k)] = weight;
      total += weight;
    }
    int32_t* weights = weights_.data() + static_cast<size_t>(i) * static_cast<size_t>(stride_);
    for (int k = 0; k < taps; ++k) {
      const double weight = window[static_cast<size_t>(k)];
      weights[k] = to_fixed_point(total != 0.0 ? weight / total : weight);
    }
    first_[static_cast<size_t>(i)] = low;
    taps_[static_cast<size_t>(i)] = taps;
  }
}

void ResampleAxis::split_weights() {
  split_.resize(weights_.size());
  constexpr uint32_t kLowMask = (1u << kernels::kSplitBits) - 1;
  for (size_t pair = 0; pair < weights_.size(); pair += 2) {
    const auto first = static_cast<uint32_t>(weights_[pair]);
    const auto second = static_cast<uint32_t>(weights_[pair + 1]);
    const auto first_high = static_cast<uint32_t>(weights_[pair] >> kernels::kSplitBits) & 0xFFFFu;
    const auto second_high = static_cast<uint32_t>(weights_[pair + 1] >> kernels::kSplitBits);
    split_[pair] = static_cast<int32_t>((first & kLowMask) | ((second & kLowMask) << 16));
    split_[pair + 1] = static_cast<int32_t>(first_high | (second_high << 16));
  }
}

kernels::AxisTaps ResampleAxis::taps() const {
  return {count_, stride_, first_.data(), taps_.data(), weights_.data(), split_.data()};
}

}  // namespace weft::ops
