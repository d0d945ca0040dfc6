// Run lengths of drawn masks against a plain column-major walk, their area and box, NaN, empty and full
// masks, and one example by hand.
#include "ops/mask_runs.h"

#include <limits>
#include <memory>
#include <numeric>

#include "core/thread_pool.h"
#include "tests/check.h"

namespace {

using weft::Status;
using weft::Team;
using weft::tests::Random;
namespace ops = weft::ops;

ops::MaskRuns walk(const float* mask, size_t height, size_t width, float threshold) {
  ops::MaskRuns runs;
  bool inside = false;
  uint32_t length = 0;
  size_t left = width, top = height, right = 0, bottom = 0;
  for (size_t x = 0; x < width; ++x) {
    for (size_t y = 0; y < height; ++y) {
      const bool now = mask[y * width + x] > threshold;
      if (now != inside) {
        runs.counts.push_back(length);
        length = 0;
        inside = now;
      }
      ++length;
      if (!now) continue;
      ++runs.area;
      left = std::min(left, x), top = std::min(top, y), right = std::max(right, x + 1),
      bottom = std::max(bottom, y + 1);
    }
  }
  if (length != 0) runs.counts.push_back(length);
  if (runs.area != 0) {
    runs.box[0] = left, runs.box[1] = top, runs.box[2] = right - left, runs.box[3] = bottom - top;
  }
  return runs;
}

void test_drawn(Team& team, const weft::dispatch::KernelTable& table, size_t batch, size_t height,
                size_t width, float threshold, Random& random) {
  std::vector<float> masks(batch * height * width);
  for (size_t i = 0; i < masks.size(); ++i) {
    // Patches, not noise: runs of all lengths.
    masks[i] = i == 0 || random.below(6) == 0 ? random.number() : masks[i - 1];
  }
  if (masks.size() > 5) masks[5] = std::numeric_limits<float>::quiet_NaN();
  std::vector<ops::MaskRuns> runs;
  WEFT_CHECK(
      ops::encode_masks(team, table, batch, height, width, masks.data(), threshold, runs) == Status::ok,
      "fails");
  for (size_t item = 0; item < batch; ++item) {
    const ops::MaskRuns expected = walk(masks.data() + item * height * width, height, width, threshold);
    const bool good = runs[item].counts == expected.counts && runs[item].area == expected.area &&
                      std::equal(runs[item].box, runs[item].box + 4, expected.box);
    WEFT_CHECK(good,
               std::to_string(height) + " x " + std::to_string(width) + ", mask " + std::to_string(item));
    const uint64_t sum = std::accumulate(runs[item].counts.begin(), runs[item].counts.end(), uint64_t{0});
    WEFT_CHECK(sum == height * width, "the runs do not cover the mask");
  }
}

// Column by column 0 1, 1 1, 1 0: one outside, four inside, one outside.
void test_example(const weft::dispatch::KernelTable& table) {
  const float mask[6] = {0, 1, 1, 1, 1, 0};
  Team team;
  std::vector<ops::MaskRuns> runs;
  WEFT_CHECK(ops::encode_masks(team, table, 1, 2, 3, mask, 0.5f, runs) == Status::ok, "fails");
  WEFT_CHECK((runs[0].counts == std::vector<uint32_t>{1, 4, 1}), "the example's counts");
  WEFT_CHECK(runs[0].area == 4 && runs[0].box[2] == 3 && runs[0].box[3] == 2, "the example's area and box");
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(61);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, team(*pool);
  test_example(table);
  for (size_t size = 0; size <= 40; ++size) test_drawn(alone, table, 2, size, (size * 7) % 41, 0.1f, random);
  for (const float threshold : {-2.0f, 0.0f, 2.0f}) test_drawn(team, table, 5, 63, 130, threshold, random);
  std::vector<ops::MaskRuns> runs;
  WEFT_CHECK(
      ops::encode_masks(alone, table, 0, size_t{1} << 33, 2, nullptr, 0, runs) == Status::invalid_argument,
      "a mask of more than 2^32 pixels");
  return weft::tests::summary("mask_runs");
}
