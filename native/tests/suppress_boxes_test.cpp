// Non-maximum suppression against the quadratic definition, with and without classes, ties, limits, boxes
// without area, and bad input.
#include "ops/suppress_boxes.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "core/thread_pool.h"
#include "tests/check.h"

namespace {

using weft::Status;
using weft::Team;
using weft::tests::Random;
namespace ops = weft::ops;

// Rounded to float at the end: the threshold is one.
float overlap(const float* a, const float* b) {
  const double width = std::max(0.0, static_cast<double>(std::min(a[2], b[2])) - std::max(a[0], b[0]));
  const double height = std::max(0.0, static_cast<double>(std::min(a[3], b[3])) - std::max(a[1], b[1]));
  const auto area = [](const float* box) { return static_cast<double>(box[2] - box[0]) * (box[3] - box[1]); };
  const double both = width * height;
  return both > 0 ? static_cast<float>(both / (area(a) + area(b) - both)) : 0;
}

std::vector<int32_t> expected_boxes(const ops::BoxSuppression& problem) {
  std::vector<int32_t> ranked(problem.count), kept;
  std::iota(ranked.begin(), ranked.end(), 0);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](int32_t a, int32_t b) { return problem.scores[a] > problem.scores[b]; });
  for (const int32_t index : ranked) {
    if (problem.scores[index] < problem.least_score || kept.size() == problem.most) continue;
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](int32_t better) {
      const bool compete = problem.classes == nullptr || problem.classes[better] == problem.classes[index];
      return compete && overlap(problem.boxes + 4 * better, problem.boxes + 4 * index) > problem.most_overlap;
    });
    if (!covered) kept.push_back(index);
  }
  return kept;
}

void test_drawn(Team& team, Random& random, size_t count) {
  std::vector<float> boxes, scores;
  std::vector<int32_t> classes;
  for (size_t i = 0; i < count; ++i) {
    // Sides in quarters: areas are exact in float.
    const float left = static_cast<float>(random.below(80)) / 4,
                top = static_cast<float>(random.below(80)) / 4;
    boxes.insert(boxes.end(), {left, top, left + static_cast<float>(random.below(40)) / 4,
                               top + static_cast<float>(random.below(40)) / 4});
    scores.push_back(static_cast<float>(random.below(50)) / 50);
    classes.push_back(static_cast<int32_t>(random.below(7)) - 3);
  }
  ops::BoxSuppression problem = {count, boxes.data(), scores.data(), nullptr, 0.45f, 0.1f, SIZE_MAX};
  for (int form = 0; form < 4; ++form) {
    problem.classes = (form & 1) != 0 ? classes.data() : nullptr;
    problem.most = (form & 2) != 0 ? 1 + random.below(20) : SIZE_MAX;
    std::vector<int32_t> kept = {77};
    WEFT_CHECK(ops::suppress_boxes(team, problem, kept) == Status::ok, "fails");
    WEFT_CHECK(kept == expected_boxes(problem), std::to_string(count) + " boxes, form " +
                                                    std::to_string(form) + " keeps " +
                                                    std::to_string(kept.size()));
  }
}

void test_refusals() {
  Team team;
  std::vector<int32_t> kept;
  const float nan = std::nanf("");
  const float box[4] = {0, 0, 1, 1}, bad_box[4] = {0, 0, nan, 1};
  const float score = 1;
  WEFT_CHECK(ops::suppress_boxes(team, {1, bad_box, &score}, kept) == Status::not_finite, "a NaN box");
  WEFT_CHECK(ops::suppress_boxes(team, {1, box, &nan}, kept) == Status::not_finite, "a NaN score");
  WEFT_CHECK(ops::suppress_boxes(team, {}, kept) == Status::ok && kept.empty(), "no boxes");
}

}  // namespace

int main() {
  weft::tests::forced_table();
  Random random(51);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, team(*pool);
  for (const size_t count : {1, 2, 10, 100, 600}) {
    test_drawn(alone, random, count);
    test_drawn(team, random, count);
  }
  test_refusals();
  return weft::tests::summary("suppress_boxes");
}
