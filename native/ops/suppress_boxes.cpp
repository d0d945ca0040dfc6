// See ops/suppress_boxes.h.
#include "ops/suppress_boxes.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>
#include <numeric>

namespace weft::ops {
namespace {

struct Box {
  float left, top, right, bottom;
  float area() const { return (right - left) * (bottom - top); }
};

Box box_at(const BoxSuppression& problem, int32_t index) {
  const float* box = problem.boxes + 4 * static_cast<size_t>(index);
  return {box[0], box[1], box[2], box[3]};
}

float overlap(const Box& a, const Box& b) {
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (!(width > 0 && height > 0)) return 0;
  const float both = width * height;
  return both / (a.area() + b.area() - both);
}

Status check(const BoxSuppression& problem) {
  for (size_t i = 0; i < problem.count; ++i) {
    if (std::isnan(problem.scores[i])) return Status::not_finite;
    for (size_t side = 0; side < 4; ++side) {
      if (!std::isfinite(problem.boxes[4 * i + side])) return Status::not_finite;
    }
  }
  return problem.count <= INT32_MAX ? Status::ok : Status::invalid_argument;
}

// Marks what the better boxes of one class cover; `ranked` is best first. Boxes that stay are gathered in
// `standing`, so that each next one is compared with them alone.
void suppress_class(const Team& team, const BoxSuppression& problem, const int32_t* ranked, size_t count,
                    Box* standing, uint8_t* suppressed) {
  size_t stand = 0;
  for (size_t i = 0; i < count && stand < problem.most && !team.is_cancelled(); ++i) {
    const Box box = box_at(problem, ranked[i]);
    bool covered = false;
    for (size_t better = 0; better < stand && !covered; ++better) {
      covered = overlap(standing[better], box) > problem.most_overlap;
    }
    suppressed[ranked[i]] = covered;
    if (!covered) standing[stand++] = box;
  }
}

Status suppress(Team& team, const BoxSuppression& problem, std::vector<int32_t>& kept) {
  std::vector<int32_t> ranked;
  for (size_t i = 0; i < problem.count; ++i) {
    if (problem.scores[i] >= problem.least_score) ranked.push_back(static_cast<int32_t>(i));
  }
  const auto better = [&](int32_t a, int32_t b) { return problem.scores[a] > problem.scores[b]; };
  std::stable_sort(ranked.begin(), ranked.end(), better);
  std::vector<int32_t> grouped = ranked;
  std::vector<size_t> starts = {0};
  if (problem.classes != nullptr) {
    std::stable_sort(grouped.begin(), grouped.end(),
                     [&](int32_t a, int32_t b) { return problem.classes[a] < problem.classes[b]; });
    for (size_t i = 1; i < grouped.size(); ++i) {
      if (problem.classes[grouped[i]] != problem.classes[grouped[i - 1]]) starts.push_back(i);
    }
  }
  starts.push_back(grouped.size());

  std::vector<Box> standing(grouped.size());
  std::vector<uint8_t> suppressed(problem.count, 1);
  team.parallel(starts.size() - 1, [&](size_t group) {
    const size_t first = starts[group];
    suppress_class(team, problem, grouped.data() + first, starts[group + 1] - first, standing.data() + first,
                   suppressed.data());
  });
  if (team.is_cancelled()) return Status::cancelled;
  for (const int32_t index : ranked) {
    if (kept.size() == problem.most) break;
    if (suppressed[static_cast<size_t>(index)] == 0) kept.push_back(index);
  }
  return Status::ok;
}

}  // namespace

Status suppress_boxes(Team& team, const BoxSuppression& problem, std::vector<int32_t>& kept) noexcept {
  const Status valid = check(problem);
  if (valid != Status::ok) return valid;
  try {
    kept.clear();
    return suppress(team, problem, kept);
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
