// Gathered rows, concatenations and axes in another order, against plain loops over indices; sums, products
// and means against double. Alone and in a team.
#include "ops/arrange.h"

#include <memory>
#include <numeric>

#include "core/thread_pool.h"
#include "ops/combine.h"
#include "tests/check.h"

namespace {

namespace ops = weft::ops;
using weft::Status;
using weft::Team;
using weft::dispatch::KernelTable;
using weft::tests::Random;

constexpr float kAfter = -9.0f;

std::vector<float> room(size_t count) { return std::vector<float>(count + 1, kAfter); }

void test_gather(Team& team, Random& random, size_t rows, size_t width, size_t count) {
  const std::vector<float> in = random.numbers(rows * width);
  std::vector<int32_t> indices;
  for (size_t i = 0; i < count; ++i) indices.push_back(static_cast<int32_t>(random.below(rows + 1)) - 1);
  std::vector<float> out = room(count * width);
  WEFT_CHECK(ops::gather_rows(team, rows, width, in.data(), indices, out.data()) == Status::ok, "gather");
  bool good = out.back() == kAfter;
  for (size_t i = 0; i < count * width; ++i) {
    const int32_t row = indices[i / width];
    good = good && out[i] == (row < 0 ? 0.0f : in[static_cast<size_t>(row) * width + i % width]);
  }
  WEFT_CHECK(good, "gather " + std::to_string(count) + " of " + std::to_string(rows));
  for (const int32_t wrong : {static_cast<int32_t>(rows), -2}) {
    indices.back() = wrong;
    WEFT_CHECK(
        ops::gather_rows(team, rows, width, in.data(), indices, out.data()) == Status::invalid_argument,
        "a row that is not there");
  }
}

void test_concat(Team& team, Random& random, size_t rows, const std::vector<size_t>& widths) {
  std::vector<std::vector<float>> data;
  std::vector<ops::ConcatPart> parts;
  size_t total = 0;
  for (const size_t width : widths) {
    data.push_back(random.numbers(rows * width));
    parts.push_back({data.back().data(), width});
    total += width;
  }
  std::vector<float> out = room(rows * total);
  ops::concat(team, rows, parts, out.data());
  bool good = out.back() == kAfter;
  size_t place = 0;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t part = 0; part < widths.size(); ++part) {
      for (size_t i = 0; i < widths[part]; ++i) {
        good = good && out[place++] == data[part][row * widths[part] + i];
      }
    }
  }
  WEFT_CHECK(good, "concat of " + std::to_string(rows) + " rows");
}

void test_permute(Team& team, const KernelTable& table, Random& random, const std::vector<size_t>& shape) {
  std::vector<size_t> axes(shape.size());
  std::iota(axes.begin(), axes.end(), size_t{0});
  for (size_t i = axes.size(); i > 1; --i) std::swap(axes[i - 1], axes[random.below(i)]);
  size_t count = 1;
  for (const size_t side : shape) count *= side;
  const std::vector<float> in = random.numbers(count);
  std::vector<float> out = room(count);
  const Status status = ops::permute_axes(team, table, shape, axes, in.data(), out.data());
  bool good = status == Status::ok && out.back() == kAfter;
  std::vector<size_t> position(shape.size());
  for (size_t place = 0; place < count; ++place) {
    size_t rest = place;
    for (size_t axis = axes.size(); axis-- > 0;) {
      position[axes[axis]] = rest % shape[axes[axis]];
      rest /= shape[axes[axis]];
    }
    size_t from = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis) from = from * shape[axis] + position[axis];
    good = good && out[place] == in[from];
  }
  std::string name = "permute";
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    name.append(" ").append(std::to_string(shape[axis])).append(":").append(std::to_string(axes[axis]));
  }
  WEFT_CHECK(good, name);
}

void test_combine(Team& team, const KernelTable& table, Random& random, size_t periods, size_t period) {
  const size_t count = periods * period;
  const std::vector<float> a = random.numbers(count, -4, 4), b = random.numbers(period, -4, 4);
  std::vector<float> sum = room(count), product = room(count);
  const float scale = random.number(-2, 2);
  WEFT_CHECK(
      ops::add_numbers(team, table, count, a.data(), period, b.data(), scale, sum.data()) == Status::ok,
      "add");
  WEFT_CHECK(
      ops::multiply_numbers(team, table, count, a.data(), period, b.data(), product.data()) == Status::ok,
      "multiply");
  bool good = sum.back() == kAfter && product.back() == kAfter;
  for (size_t i = 0; i < count; ++i) {
    const double y = b[i % period];
    good = good && weft::tests::close(sum[i], a[i] + scale * y, 1e-6, 1e-7) &&
           product[i] == a[i] * b[i % period];
  }
  WEFT_CHECK(good, std::to_string(periods) + " periods of " + std::to_string(period));
}

void test_mean(Team& team, Random& random, size_t outer, size_t along, size_t inner) {
  const std::vector<float> in = random.numbers(outer * along * inner);
  std::vector<float> out = room(outer * inner);
  WEFT_CHECK(ops::mean_axis(team, outer, along, inner, in.data(), out.data()) == Status::ok, "mean");
  bool good = out.back() == kAfter;
  for (size_t o = 0; o < outer; ++o) {
    for (size_t i = 0; i < inner; ++i) {
      double sum = 0;
      for (size_t step = 0; step < along; ++step) sum += in[(o * along + step) * inner + i];
      good = good && weft::tests::close(out[o * inner + i], sum / static_cast<double>(along), 1e-12, 1e-7);
    }
  }
  WEFT_CHECK(good, "mean of " + std::to_string(along) + " by " + std::to_string(inner));
}

void test_refusals(Team& team, const KernelTable& table) {
  const float in[6] = {1, 2, 3, 4, 5, 6};
  float out[6] = {};
  const size_t shape[2] = {2, 3}, twice[2] = {1, 1}, beyond[2] = {0, 2}, few[1] = {0};
  for (const std::span<const size_t> axes :
       {std::span<const size_t>(twice), std::span<const size_t>(beyond), std::span<const size_t>(few)}) {
    WEFT_CHECK(ops::permute_axes(team, table, shape, axes, in, out) == Status::invalid_argument,
               "axes that are no permutation");
  }
  WEFT_CHECK(ops::add_numbers(team, table, 6, in, 4, in, 1, out) == Status::invalid_argument,
             "uneven periods");
  WEFT_CHECK(ops::multiply_numbers(team, table, 6, in, 0, in, out) == Status::invalid_argument, "no period");
  WEFT_CHECK(ops::mean_axis(team, 2, 0, 3, in, out) == Status::invalid_argument, "a mean of nothing");
}

}  // namespace

int main() {
  const KernelTable& table = weft::tests::forced_table();
  Random random(31);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, shared(*pool);
  for (Team* team : {&alone, &shared}) {
    for (int round = 0; round < 20; ++round) {
      test_gather(*team, random, 1 + random.below(40), random.below(100), 1 + random.below(700));
      test_concat(*team, random, random.below(60), {random.below(40), 1 + random.below(900), 1});
      test_combine(*team, table, random, random.below(90), 1 + random.below(700));
      test_mean(*team, random, random.below(20), 1 + random.below(60), random.below(1200));
    }
    for (int round = 0; round < 200; ++round) {
      std::vector<size_t> shape;
      for (size_t axis = random.below(7); axis-- > 0;) shape.push_back(1 + random.below(6));
      test_permute(*team, table, random, shape);
    }
    for (size_t period = 1; period <= 70; ++period) test_combine(*team, table, random, 3, period);
    test_gather(*team, random, 3000, 17, 5000);
    test_concat(*team, random, 1, {30000, 50000});
    test_combine(*team, table, random, 2, 40000);
    test_combine(*team, table, random, 70000, 1);
    test_mean(*team, random, 40000, 3, 1);
    for (int round = 0; round < 6; ++round) {
      test_permute(*team, table, random, {2, 70, 3, 300});
      test_permute(*team, table, random, {1100, 130});
      test_permute(*team, table, random, {2, 0, 3});
    }
    test_refusals(*team, table);
  }
  return weft::tests::summary("arrange");
}
