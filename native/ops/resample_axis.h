// One axis of a resize: which source positions make each result, and with which weights. Pillow's arithmetic.
// Knows sizes only, no pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/resample_u8.h"

namespace weft::ops {

enum class Filter : uint8_t { nearest, box, bilinear, hamming, bicubic, lanczos };
constexpr int kFilterCount = 6;

// Half the filter's width, in source pixels at scale 1.
double filter_support(Filter filter) noexcept;

// The part of the source that a resize reads, along one axis, in source pixels.
struct Span {
  double start;
  double end;
};

class ResampleAxis {
 public:
  // Results [first, last) of a resize of `span` of `source_size` pixels to `target_size`. May throw
  // std::bad_alloc.
  void build(Filter filter, int source_size, Span span, int target_size, int first, int last);

  // No resize along this axis: results are source positions from `offset` on.
  void build_passthrough(int offset, int count);

  // Nothing to compute: result i is source position offset() + i.
  bool is_passthrough() const { return passthrough_; }
  int offset() const { return offset_; }
  int count() const { return count_; }

  // First source position of result i, and one past its last.
  int first(int i) const { return passthrough_ ? offset_ + i : first_[static_cast<size_t>(i)]; }
  int end(int i) const { return first(i) + (passthrough_ ? 1 : taps_[static_cast<size_t>(i)]); }
  int most_taps() const { return passthrough_ ? 1 : most_taps_; }

  // For the kernels; only when not a passthrough. Valid as long as this object is unchanged.
  kernels::AxisTaps taps() const;

 private:
  void build_nearest(int source_size, float start, float end, int target_size, int first);
  void build_filtered(Filter filter, int source_size, float start, float end, int target_size, int first);
  void split_weights();

  bool passthrough_ = true;
  int offset_ = 0;
  int count_ = 0;
  int stride_ = 0;
  int most_taps_ = 0;
  std::vector<int32_t> first_;
  std::vector<int32_t> taps_;
  std::vector<int32_t> weights_;
  std::vector<int32_t> split_;
};

}  // namespace weft::ops
