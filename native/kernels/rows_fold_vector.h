// Folds a row of floats into one vector: sums and maxima. Included by the vector sources of row kernels only;
// everything has internal linkage.
#pragma once

#include <cstddef>

#include "hwy/highway.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;

// Independent results: enough to hide the latency of one step.
constexpr size_t kFolds = 4;

// step(vector, folded) for every vector of the row, combine(folded, folded) at the end. The missing lanes of
// the last vector keep what they have, whatever `step` makes of zero.
template <typename Step, typename Combine>
HWY_INLINE FloatVector fold_row(size_t width, const float* in, FloatVector start, Step step,
                                Combine combine) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  FloatVector folded[kFolds];
  for (FloatVector& each : folded) each = start;
  size_t i = 0;
  for (; i + kFolds * lanes <= width; i += kFolds * lanes) {
    for (size_t k = 0; k < kFolds; ++k) folded[k] = step(hn::LoadU(d, in + i + k * lanes), folded[k]);
  }
  for (; i + lanes <= width; i += lanes) folded[0] = step(hn::LoadU(d, in + i), folded[0]);
  if (i < width) {
    const FloatVector last = step(hn::LoadN(d, in + i, width - i), folded[1]);
    folded[1] = hn::IfThenElse(hn::FirstN(d, width - i), last, folded[1]);
  }
  return combine(combine(folded[0], folded[1]), combine(folded[2], folded[3]));
}

}  // namespace
}  // namespace weft::kernels
