// See ops/combine.h.
#include "ops/combine.h"

#include <algorithm>
#include <array>

#include "core/function_ref.h"
#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

// A shorter period is repeated to about this many numbers, so that no loop is shorter.
constexpr size_t kShortPeriod = 256;
// Sums side by side of one mean: they stay in the first cache level.
constexpr size_t kSums = 512;

using Combine = FunctionRef<void(size_t count, const float* a, const float* b, float* out)>;

Status combine(Team& team, size_t count, const float* a, size_t period, const float* b, float* out,
               Combine two) noexcept {
  if (count == 0) return Status::ok;
  if (period == 0 || count % period != 0) return Status::invalid_argument;
  std::array<float, 2 * kShortPeriod> repeated;
  if (period < kShortPeriod) {
    const size_t times = repeated.size() / period;
    for (size_t time = 0; time < times; ++time) std::copy_n(b, period, repeated.data() + time * period);
    b = repeated.data();
    period *= times;
  }
  for_row_blocks(team, count, 1, [&](size_t first, size_t block) {
    for (size_t place = first; place < first + block;) {
      const size_t offset = place % period;
      const size_t length = std::min(period - offset, first + block - place);
      two(length, a + place, b + offset, out + place);
      place += length;
    }
  });
  return Status::ok;
}

}  // namespace

Status add_numbers(Team& team, const dispatch::KernelTable& table, size_t count, const float* a,
                   size_t period, const float* b, float scale, float* out) noexcept {
  const auto add = [&](size_t length, const float* x, const float* y, float* sum) {
    table.rows_f32->add_scaled(length, x, y, scale, sum);
  };
  return combine(team, count, a, period, b, out, add);
}

Status multiply_numbers(Team& team, const dispatch::KernelTable& table, size_t count, const float* a,
                        size_t period, const float* b, float* out) noexcept {
  const auto multiply = [&](size_t length, const float* x, const float* y, float* product) {
    table.rows_f32->multiply(length, x, y, product);
  };
  return combine(team, count, a, period, b, out, multiply);
}

Status mean_axis(Team& team, size_t outer, size_t along, size_t inner, const float* in, float* out) noexcept {
  if (along == 0) return Status::invalid_argument;
  const size_t width = std::min(inner, kSums);
  const size_t parts = inner == 0 ? 0 : (inner + kSums - 1) / kSums;
  const double count = static_cast<double>(along);
  for_row_blocks(team, outer * parts, along * width, [&](size_t first, size_t block) {
    for (size_t part = first; part < first + block; ++part) {
      const size_t item = part / parts, column = part % parts * kSums;
      const size_t columns = std::min(kSums, inner - column);
      std::array<double, kSums> sums;
      std::fill_n(sums.begin(), columns, 0.0);
      const float* row = in + item * along * inner + column;
      for (size_t step = 0; step < along; ++step, row += inner) {
        for (size_t i = 0; i < columns; ++i) sums[i] += row[i];
      }
      for (size_t i = 0; i < columns; ++i) {
        out[item * inner + column + i] = static_cast<float>(sums[i] / count);
      }
    }
  });
  return Status::ok;
}

}  // namespace weft::ops
