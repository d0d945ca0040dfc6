// The place of the largest number on vectors of any width. Included by rows_f32_<isa>.cpp only; everything
// has internal linkage. A row is read twice, the second time only up to the place found: keeping places
// beside maxima would cost more.
#include <cstddef>
#include <limits>

#include "hwy/highway.h"
#include "kernels/rows_f32.h"
#include "kernels/rows_fold_vector.h"

namespace weft::kernels {
namespace {

// The first place whose vector `matches`; width where there is none.
template <typename Matches>
HWY_INLINE size_t find_first(size_t width, const float* in, Matches matches) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= width; i += lanes) {
    const intptr_t lane = hn::FindFirstTrue(d, matches(hn::LoadU(d, in + i)));
    if (lane >= 0) return i + static_cast<size_t>(lane);
  }
  if (i < width) {
    const auto rest = hn::FirstN(d, width - i);
    const intptr_t lane = hn::FindFirstTrue(d, hn::And(rest, matches(hn::LoadN(d, in + i, width - i))));
    if (lane >= 0) return i + static_cast<size_t>(lane);
  }
  return width;
}

size_t argmax(size_t width, const float* in) {
  const Floats d;
  const auto larger = [](FloatVector a, FloatVector b) HWY_ATTR { return hn::Max(a, b); };
  // A maximum may lose a NaN, a sum of x - x does not (nor does it an infinity, which the search sorts out).
  const auto doubt = [](FloatVector x, FloatVector sum) HWY_ATTR { return hn::Add(sum, hn::Sub(x, x)); };
  const auto add = [](FloatVector a, FloatVector b) HWY_ATTR { return hn::Add(a, b); };
  const FloatVector lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  const float maximum = hn::ReduceMax(d, fold_row(width, in, lowest, larger, larger));
  const float doubts = hn::ReduceSum(d, fold_row(width, in, hn::Zero(d), doubt, add));
  if (doubts != 0) {
    const size_t place = find_first(width, in, [](FloatVector x) HWY_ATTR { return hn::IsNaN(x); });
    if (place < width) return place;
  }
  const FloatVector wanted = hn::Set(d, maximum);
  return find_first(width, in, [wanted](FloatVector x) HWY_ATTR { return hn::Eq(x, wanted); });
}

}  // namespace
}  // namespace weft::kernels
