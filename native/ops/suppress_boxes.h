// Non-maximum suppression: of boxes that cover the same thing, the best stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/status.h"
#include "core/team.h"

namespace weft::ops {

struct BoxSuppression {
  size_t count = 0;
  const float* boxes = nullptr;      // [count, 4]: left, top, right, bottom
  const float* scores = nullptr;     // [count]
  const int32_t* classes = nullptr;  // [count]; only boxes of one class compete. null: all do
  float most_overlap = 0.5f;  // a box goes when it overlaps a better one by more (intersection over union)
  float least_score = 0;      // boxes with lower scores are left out; -infinity keeps all
  size_t most = SIZE_MAX;     // results
};

// The boxes that stay, best first; of equal scores the earlier one first (as torchvision.ops.batched_nms,
// whose boxes do not compete across classes). Classes are worked on in parallel. Boxes without area overlap
// nothing. not_finite (a box or a score that is NaN, an infinite box), out_of_memory, cancelled.
Status suppress_boxes(Team& team, const BoxSuppression& problem, std::vector<int32_t>& kept) noexcept;

}  // namespace weft::ops
