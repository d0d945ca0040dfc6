// Dot products of rows with few queries on vectors of any width: bound by reading the rows, which are floats
// or binary16. Included by rows_f32_<isa>.cpp only; everything has internal linkage.
#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/rows_f32.h"
#include "kernels/rows_fold_vector.h"

namespace weft::kernels {
namespace {

// Rows worked on together: each vector of a query serves all of them.
constexpr size_t kDotRows = 2;

HWY_INLINE FloatVector load_numbers(const float* from) { return hn::LoadU(Floats(), from); }
HWY_INLINE FloatVector load_numbers(const float* from, size_t count) {
  return hn::LoadN(Floats(), from, count);
}

// Loaded as whole numbers: Highway's loads of 16-bit floats need processors that also compute with them.
using HalfBits = hn::Rebind<uint16_t, Floats>;
using Halves = hn::Rebind<hwy::float16_t, Floats>;
HWY_INLINE FloatVector widen(hn::Vec<HalfBits> bits) {
  return hn::PromoteTo(Floats(), hn::BitCast(Halves(), bits));
}
HWY_INLINE FloatVector load_numbers(const uint16_t* from) { return widen(hn::LoadU(HalfBits(), from)); }
HWY_INLINE FloatVector load_numbers(const uint16_t* from, size_t count) {
  return widen(hn::LoadN(HalfBits(), from, count));
}

template <size_t kRows, size_t kQueries, typename Number>
HWY_INLINE void dot_block(size_t width, const Number* in, size_t in_stride, const float* query,
                          float* products, size_t product_stride) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  FloatVector sums[kRows][kQueries];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t q = 0; q < kQueries; ++q) sums[r][q] = hn::Zero(d);
  }
  // rest: none for whole vectors, else how many numbers are left.
  const auto add = [&](size_t i, auto... rest) HWY_ATTR {
    FloatVector numbers[kRows];
    for (size_t r = 0; r < kRows; ++r) numbers[r] = load_numbers(in + r * in_stride + i, rest...);
    for (size_t q = 0; q < kQueries; ++q) {
      const FloatVector asked = load_numbers(query + q * width + i, rest...);
      for (size_t r = 0; r < kRows; ++r) sums[r][q] = hn::MulAdd(numbers[r], asked, sums[r][q]);
    }
  };
  size_t i = 0;
  for (; i + lanes <= width; i += lanes) add(i);
  if (i < width) add(i, width - i);
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t q = 0; q < kQueries; ++q) products[r * product_stride + q] = hn::ReduceSum(d, sums[r][q]);
  }
}

template <size_t kQueries, typename Number>
void dot_rows(size_t rows, size_t width, const Number* in, size_t in_stride, const float* query,
              float* products, size_t product_stride) {
  // One query alone has too few sums to hide the latency of a multiply-add.
  constexpr size_t kRows = kQueries == 1 ? 2 * kDotRows : kDotRows;
  size_t row = 0;
  for (; row + kRows <= rows; row += kRows) {
    dot_block<kRows, kQueries>(width, in + row * in_stride, in_stride, query, products + row * product_stride,
                               product_stride);
  }
  for (; row < rows; ++row) {
    dot_block<1, kQueries>(width, in + row * in_stride, in_stride, query, products + row * product_stride,
                           product_stride);
  }
}

template <typename Number>
void dot_queries(size_t rows, size_t width, const Number* in, size_t in_stride, size_t queries,
                 const float* query, float* products, size_t product_stride) {
  static_assert(kMostDotQueries == 4);
  switch (queries) {
    case 1:
      return dot_rows<1>(rows, width, in, in_stride, query, products, product_stride);
    case 2:
      return dot_rows<2>(rows, width, in, in_stride, query, products, product_stride);
    case 3:
      return dot_rows<3>(rows, width, in, in_stride, query, products, product_stride);
    default:
      return dot_rows<4>(rows, width, in, in_stride, query, products, product_stride);
  }
}

void dots(size_t rows, size_t width, const float* in, size_t in_stride, size_t queries, const float* query,
          float* products, size_t product_stride) {
  dot_queries(rows, width, in, in_stride, queries, query, products, product_stride);
}

void half_dots(size_t rows, size_t width, const uint16_t* in, size_t in_stride, size_t queries,
               const float* query, float* products, size_t product_stride) {
  dot_queries(rows, width, in, in_stride, queries, query, products, product_stride);
}

void widen_halves(size_t count, const uint16_t* in, float* out) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(load_numbers(in + i), d, out + i);
  if (i < count) hn::StoreN(load_numbers(in + i, count - i), d, out + i, count - i);
}

}  // namespace
}  // namespace weft::kernels
