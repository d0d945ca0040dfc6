// Dot products of rows with few queries on vectors of any width: bound by reading the rows. Included by
// rows_f32_<isa>.cpp only; everything has internal linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/rows_f32.h"
#include "kernels/rows_fold_vector.h"

namespace weft::kernels {
namespace {

// Rows worked on together: each vector of a query serves all of them.
constexpr size_t kDotRows = 2;

template <size_t kRows, size_t kQueries>
HWY_INLINE void dot_block(size_t width, const float* in, size_t in_stride, const float* query,
                          float* products, size_t product_stride) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  FloatVector sums[kRows][kQueries];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t q = 0; q < kQueries; ++q) sums[r][q] = hn::Zero(d);
  }
  const auto add = [&](auto load, size_t i) HWY_ATTR {
    FloatVector numbers[kRows];
    for (size_t r = 0; r < kRows; ++r) numbers[r] = load(in + r * in_stride + i);
    for (size_t q = 0; q < kQueries; ++q) {
      const FloatVector asked = load(query + q * width + i);
      for (size_t r = 0; r < kRows; ++r) sums[r][q] = hn::MulAdd(numbers[r], asked, sums[r][q]);
    }
  };
  size_t i = 0;
  for (; i + lanes <= width; i += lanes) {
    add([&](const float* from) HWY_ATTR { return hn::LoadU(d, from); }, i);
  }
  if (i < width) {
    const size_t rest = width - i;
    add([&](const float* from) HWY_ATTR { return hn::LoadN(d, from, rest); }, i);
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t q = 0; q < kQueries; ++q) products[r * product_stride + q] = hn::ReduceSum(d, sums[r][q]);
  }
}

template <size_t kQueries>
void dot_rows(size_t rows, size_t width, const float* in, size_t in_stride, const float* query,
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

void dots(size_t rows, size_t width, const float* in, size_t in_stride, size_t queries, const float* query,
          float* products, size_t product_stride) {
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

}  // namespace
}  // namespace weft::kernels
