// Norms and rotary positions of every width up to beyond two unrolled vectors, in place and beside, at odd
// addresses, with NaN and infinity, alone and in a team, against the formulas in double.
#include "ops/rows.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "core/thread_pool.h"
#include "tests/guarded_rows.h"

namespace {

using weft::Team;
using weft::tests::GuardedRows;
using weft::tests::kGuard;
using weft::tests::Random;
using weft::tests::RowsCase;
namespace ops = weft::ops;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<double> expected_norm(GuardedRows& in, const ops::Norm& norm) {
  std::vector<double> expected;
  for (size_t row = 0; row < in.rows; ++row) {
    const float* x = in.row(row);
    double mean = 0, square = 0;
    const double width = static_cast<double>(in.width);
    if (norm.kind == ops::NormKind::layer) {
      for (size_t i = 0; i < in.width; ++i) mean += x[i] / width;
    }
    for (size_t i = 0; i < in.width; ++i) square += (x[i] - mean) * (x[i] - mean) / width;
    for (size_t i = 0; i < in.width; ++i) {
      const double unit = (x[i] - mean) / std::sqrt(square + static_cast<double>(norm.epsilon));
      const double scaled = norm.weight == nullptr ? unit : unit * norm.weight[i];
      expected.push_back(norm.bias == nullptr ? scaled : scaled + norm.bias[i]);
    }
  }
  return expected;
}

std::vector<double> expected_l2(GuardedRows& in, float epsilon) {
  std::vector<double> expected;
  for (size_t row = 0; row < in.rows; ++row) {
    double sum = 0;
    for (size_t i = 0; i < in.width; ++i) sum += static_cast<double>(in.row(row)[i]) * in.row(row)[i];
    const double norm = std::sqrt(sum);
    const double divisor = norm < epsilon ? static_cast<double>(epsilon) : norm;
    for (size_t i = 0; i < in.width; ++i) expected.push_back(in.row(row)[i] / divisor);
  }
  return expected;
}

void test_norms(Team& team, const weft::dispatch::KernelTable& table, size_t rows, size_t width,
                Random& random) {
  const std::vector<float> weight = random.numbers(width, 0.5f, 1.5f), bias = random.numbers(width);
  GuardedRows in(rows, width, random.below(3));
  in.fill(random, -2, 3);
  for (const auto kind : {ops::NormKind::layer, ops::NormKind::rms}) {
    for (int form = 0; form < 4; ++form) {
      const ops::Norm norm = {kind, (form & 1) != 0 ? weight.data() : nullptr,
                              (form & 2) != 0 ? bias.data() : nullptr, 1e-5f};
      const std::vector<double> expected = expected_norm(in, norm);
      const RowsCase c = {kind == ops::NormKind::layer ? "layer norm" : "rms norm", rows, width, 4e-6, 2e-6};
      GuardedRows out(rows, width, random.below(3));
      ops::normalise_rows(team, table, norm, rows, width, in.data(), in.stride, out.data(), out.stride);
      compare(c, out, expected);
      GuardedRows inplace = in;
      ops::normalise_rows(team, table, norm, rows, width, inplace.data(), inplace.stride, inplace.data(),
                          inplace.stride);
      compare(c, inplace, expected);
    }
  }
  for (const float epsilon : {1e-12f, 1e3f}) {
    const RowsCase c = {"l2 norm", rows, width, 1e-9, 2e-6};
    GuardedRows out(rows, width, random.below(3));
    ops::l2_normalise_rows(team, table, epsilon, rows, width, in.data(), in.stride, out.data(), out.stride);
    compare(c, out, expected_l2(in, epsilon));
  }
}

// A row of zeros, of one number, with an infinity and with NaN in every place; neighbours stay clean.
void test_special_numbers(Team& team, const weft::dispatch::KernelTable& table, size_t width) {
  const size_t rows = width + 4;
  GuardedRows in(rows, width, 1);
  Random random(width);
  in.fill(random, -1, 1);
  for (size_t i = 0; i < width; ++i) {
    in.row(i)[i] = kNan;
    in.row(width)[i] = 0;
    in.row(width + 1)[i] = 3.5f;
  }
  in.row(width + 2)[width / 2] = kInfinity;
  for (const auto kind : {ops::NormKind::layer, ops::NormKind::rms}) {
    const ops::Norm norm = {kind, nullptr, nullptr, 1e-5f};
    GuardedRows out(rows, width, 0);
    ops::normalise_rows(team, table, norm, rows, width, in.data(), in.stride, out.data(), out.stride);
    // Constant rows: the mean may be off by one unit in the last place, which 1 / sqrt(epsilon) enlarges.
    compare(RowsCase{"norm of special rows", rows, width, 3e-4, 2e-6}, out, expected_norm(in, norm));
  }
  GuardedRows out(rows, width, 0);
  ops::l2_normalise_rows(team, table, 1e-12f, rows, width, in.data(), in.stride, out.data(), out.stride);
  compare(RowsCase{"l2 norm of special rows", rows, width, 1e-9, 2e-6}, out, expected_l2(in, 1e-12f));
}

void test_rotary(Team& team, const weft::dispatch::KernelTable& table, size_t rows, size_t heads,
                 size_t head_size, size_t rotary, Random& random) {
  const size_t half = rotary / 2, width = heads * head_size;
  GuardedRows data(rows, width, random.below(3));
  data.fill(random, -2, 2);
  std::vector<float> cosines, sines;
  for (size_t i = 0; i < rows * half; ++i) {
    const double angle = static_cast<double>(random.number(0, 100));
    cosines.push_back(static_cast<float>(std::cos(angle)));
    sines.push_back(static_cast<float>(std::sin(angle)));
  }
  std::vector<double> expected;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < width; ++i) {
      const float* head = data.row(row) + i / head_size * head_size;
      const size_t d = i % head_size;
      const double cosine = d < rotary ? cosines[row * half + d % half] : 1;
      const double sine = d < rotary ? sines[row * half + d % half] : 0;
      // Hugging Face's rotate_half: the second half, negated, then the first.
      const double turned = d < half ? -head[d + half] : d < rotary ? head[d - half] : 0;
      expected.push_back(head[d] * cosine + turned * sine);
    }
  }
  ops::rotate_rows(team, table, rows, heads, head_size, rotary, cosines.data(), sines.data(), data.data(),
                   data.stride);
  compare(RowsCase{"rotary", rows, width, 1e-6, 1e-6}, data, expected);
}

void test_cancelled(weft::ThreadPool& pool, const weft::dispatch::KernelTable& table) {
  struct Never : weft::Operation {
    size_t task_count() const override { return 1; }
    void run_task(size_t) noexcept override {}
  } operation;
  operation.cancel();
  Team team(pool, &operation);
  GuardedRows in(2000, 64, 0), out(2000, 64, 0);
  Random random(1);
  in.fill(random, -1, 1);
  ops::normalise_rows(team, table, {}, 2000, 64, in.data(), 64, out.data(), 64);
  const bool untouched =
      std::all_of(out.memory.begin(), out.memory.end(), [](float x) { return x == kGuard; });
  WEFT_CHECK(untouched, "a cancelled team still works");
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(7);
  Team alone;
  for (size_t width = 0; width <= 150; ++width) {
    test_norms(alone, table, 1 + width % 3, width, random);
    if (width > 0 && width <= 70) test_special_numbers(alone, table, width);
  }
  test_norms(alone, table, 0, 5, random);
  for (const size_t head_size : {2, 4, 6, 8, 14, 16, 30, 32, 62, 64, 66, 80, 128, 256}) {
    for (const size_t rotary : {head_size, head_size / 4 * 2, size_t{0}}) {
      test_rotary(alone, table, 3, 1 + head_size % 5, head_size, rotary, random);
    }
  }
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == weft::Status::ok, "no pool");
  Team team(*pool);
  for (const size_t width : {1, 768, 1000, 4097}) test_norms(team, table, 203, width, random);
  test_rotary(team, table, 500, 12, 64, 64, random);
  test_cancelled(*pool, table);
  return weft::tests::summary("rows");
}
