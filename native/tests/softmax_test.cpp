// Softmax of every width up to beyond two unrolled vectors, in place and beside, with rows that are masked in
// whole or in part, NaN and infinity, against the formula in double.
#include <limits>
#include <memory>

#include "core/thread_pool.h"
#include "ops/rows.h"
#include "tests/guarded_rows.h"

namespace {

using weft::Team;
using weft::tests::GuardedRows;
using weft::tests::Random;
using weft::tests::RowsCase;
namespace ops = weft::ops;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLowest = std::numeric_limits<float>::lowest();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<double> expected_softmax(GuardedRows& in) {
  std::vector<double> expected;
  for (size_t row = 0; row < in.rows; ++row) {
    const float* x = in.row(row);
    bool masked = true, invalid = false;
    double maximum = -static_cast<double>(kInfinity), sum = 0;
    for (size_t i = 0; i < in.width; ++i) {
      masked = masked && x[i] == -kInfinity;
      invalid = invalid || std::isnan(x[i]) || x[i] == kInfinity;
      maximum = std::fmax(maximum, x[i]);
    }
    for (size_t i = 0; i < in.width; ++i) sum += std::exp(x[i] - maximum);
    for (size_t i = 0; i < in.width; ++i) {
      expected.push_back(masked ? 0 : invalid ? static_cast<double>(kNan) : std::exp(x[i] - maximum) / sum);
    }
  }
  return expected;
}

void test_softmax(const char* name, Team& team, const weft::dispatch::KernelTable& table, GuardedRows& in,
                  size_t gap) {
  const std::vector<double> expected = expected_softmax(in);
  const RowsCase c = {name, in.rows, in.width, 1e-37, 5e-6};
  GuardedRows out(in.rows, in.width, gap);
  ops::softmax_rows(team, table, in.rows, in.width, in.data(), in.stride, out.data(), out.stride);
  compare(c, out, expected);
  GuardedRows inplace = in;
  ops::softmax_rows(team, table, in.rows, in.width, inplace.data(), in.stride, inplace.data(), in.stride);
  compare(c, inplace, expected);
}

// One kind of hard row after the other; plain rows between them must not notice.
GuardedRows special_rows(size_t width, Random& random) {
  GuardedRows in(13, width, 2);
  in.fill(random, -3, 3);
  for (size_t i = 0; i < width; ++i) {
    in.row(0)[i] = -kInfinity;
    in.row(2)[i] = kLowest;
    in.row(3)[i] = i == width / 2 ? 0.5f : -kInfinity;
    in.row(4)[i] = i == width - 1 ? 0.5f : kLowest;
    in.row(6)[i] = i == width / 3 ? kNan : -kInfinity;
    in.row(8)[i] = random.number(-300, 300);
    in.row(9)[i] = -200;
    in.row(10)[i] = i % 2 == 0 ? -kInfinity : random.number(-1, 1) * 1e30f;
    in.row(11)[i] = kNan;
  }
  in.row(5)[width - 1] = kNan;
  in.row(7)[width / 2] = kInfinity;
  return in;
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(11);
  Team alone;
  for (size_t width = 0; width <= 150; ++width) {
    GuardedRows in(1 + width % 4, width, random.below(3));
    in.fill(random, -20, 20);
    test_softmax("softmax", alone, table, in, random.below(3));
    if (width == 0) continue;
    GuardedRows special = special_rows(width, random);
    test_softmax("softmax of special rows", alone, table, special, 1);
  }
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == weft::Status::ok, "no pool");
  Team team(*pool);
  for (const size_t width : {1, 77, 50257}) {
    GuardedRows in(61, width, 5);
    in.fill(random, -8, 8);
    test_softmax("softmax in a team", team, table, in, 0);
  }
  return weft::tests::summary("softmax");
}
