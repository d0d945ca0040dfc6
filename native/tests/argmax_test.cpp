// The place of the largest number in rows of every width up to beyond two unrolled vectors: first of equals,
// first NaN, infinities, in a row and in a team.
#include <limits>
#include <memory>

#include "core/thread_pool.h"
#include "ops/rows.h"
#include "tests/guarded_rows.h"

namespace {

using weft::tests::GuardedRows;
using weft::tests::Random;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

int32_t expected_place(const float* row, size_t width) {
  size_t best = 0;
  for (size_t i = 0; i < width; ++i) {
    if (std::isnan(row[i])) return static_cast<int32_t>(i);
    if (row[i] > row[best]) best = i;
  }
  return static_cast<int32_t>(best);
}

void test_argmax(weft::Team& team, const weft::dispatch::KernelTable& table, GuardedRows& in,
                 const char* what) {
  std::vector<int32_t> out(in.rows + 1, -9);
  weft::ops::argmax_rows(team, table, in.rows, in.width, in.data(), in.stride, out.data());
  for (size_t row = 0; row < in.rows; ++row) {
    const int32_t expected = expected_place(in.row(row), in.width);
    WEFT_CHECK(out[row] == expected, std::string(what) + " of width " + std::to_string(in.width) + ": " +
                                         std::to_string(out[row]) + ", expected " + std::to_string(expected));
  }
  WEFT_CHECK(out[in.rows] == -9, "writes beyond its rows");
}

GuardedRows special_rows(size_t width, Random& random) {
  GuardedRows in(8, width, 1);
  in.fill(random, -1, 1);
  for (size_t i = 0; i < width; ++i) {
    in.row(0)[i] = -kInfinity;
    in.row(1)[i] = 2.5f;
    in.row(2)[i] = i == width / 2 ? kNan : kInfinity;
    in.row(3)[i] = i == width - 1 ? -3.0f : -kInfinity;
    in.row(4)[i] = kNan;
    in.row(5)[i] = i >= width / 3 ? 7.0f : 0.0f;
  }
  in.row(6)[width - 1] = kInfinity;
  in.row(7)[width / 2] = kNan;
  in.row(7)[width - 1] = kNan;
  return in;
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(13);
  weft::Team alone;
  for (size_t width = 1; width <= 150; ++width) {
    GuardedRows in(3, width, random.below(3));
    in.fill(random, -5, 5);
    test_argmax(alone, table, in, "argmax");
    GuardedRows special = special_rows(width, random);
    test_argmax(alone, table, special, "argmax of special rows");
  }
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == weft::Status::ok, "no pool");
  weft::Team team(*pool);
  GuardedRows in(40, 50257, 3);
  in.fill(random, -5, 5);
  test_argmax(team, table, in, "argmax in a team");
  return weft::tests::summary("argmax");
}
