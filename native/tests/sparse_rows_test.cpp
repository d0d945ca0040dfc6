// Sparse rows against dense ones in double: powers, lengths, products, alone and in a team, and what is
// refused.
#include "ops/sparse_rows.h"

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

struct Drawn {
  std::vector<int32_t> places;
  std::vector<float> values;
  ops::SparseRows rows;
};

// Every row has `best` different places.
void draw(size_t rows, size_t best, size_t columns, Random& random, Drawn& drawn) {
  std::vector<int32_t> all(columns);
  std::iota(all.begin(), all.end(), 0);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < best; ++i) std::swap(all[i], all[i + random.below(columns - i)]);
    drawn.places.insert(drawn.places.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(best));
  }
  drawn.values = random.numbers(rows * best);
  drawn.rows = {rows, best, drawn.places.data(), drawn.values.data()};
}

std::vector<double> dense(const Drawn& drawn, size_t row, size_t columns) {
  std::vector<double> numbers(columns, 0);
  const size_t best = drawn.rows.best;
  for (size_t i = 0; i < best; ++i) {
    numbers[static_cast<size_t>(drawn.places[row * best + i])] = drawn.values[row * best + i];
  }
  return numbers;
}

void test_products(Team& team, size_t left_rows, size_t right_rows, size_t best, size_t columns,
                   Random& random) {
  Drawn left, right;
  draw(left_rows, best, columns, random, left);
  draw(right_rows, std::min(columns, best + 2), columns, random, right);
  std::vector<float> out(left_rows * right_rows + 1, -9);
  WEFT_CHECK(ops::sparse_dots(team, left.rows, right.rows, columns, out.data()) == Status::ok, "fails");
  WEFT_CHECK(out.back() == -9, "writes beyond its results");
  bool good = true;
  for (size_t l = 0; l < left_rows; ++l) {
    const std::vector<double> a = dense(left, l, columns);
    for (size_t r = 0; r < right_rows; ++r) {
      const std::vector<double> b = dense(right, r, columns);
      const double expected = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
      good = good && weft::tests::close(out[l * right_rows + r], expected, 1e-7, 1e-6);
    }
  }
  WEFT_CHECK(good, std::to_string(left_rows) + " x " + std::to_string(right_rows) + " rows of " +
                       std::to_string(best) + " among " + std::to_string(columns));
}

void test_powers(Team& team, double power, float low, Random& random) {
  const size_t rows = 19, best = 37;
  const std::vector<float> values = random.numbers(rows * best, low, 1.0f);
  std::vector<float> out(rows * best);
  WEFT_CHECK(ops::sharpen_rows(team, rows, best, values.data(), power, out.data()) == Status::ok, "fails");
  bool good = true;
  for (size_t row = 0; row < rows; ++row) {
    long double sum = 0;
    for (size_t i = 0; i < best; ++i)
      sum += std::pow(static_cast<long double>(values[row * best + i]), 2 * power);
    for (size_t i = 0; i < best; ++i) {
      const long double each = std::pow(static_cast<long double>(values[row * best + i]), power);
      good = good &&
             weft::tests::close(out[row * best + i], static_cast<double>(each / std::sqrt(sum)), 1e-30, 1e-6);
    }
  }
  WEFT_CHECK(good, "to the power " + std::to_string(power));
}

void test_small_numbers(Team& team) {
  // 1e-6^60 is nothing in double; the direction is kept all the same.
  const std::vector<float> values = {1e-6f, 5e-7f, 0, 0, 0, 0};
  std::vector<float> out(6, -9);
  WEFT_CHECK(ops::sharpen_rows(team, 2, 3, values.data(), 60, out.data()) == Status::ok, "fails");
  WEFT_CHECK(out[0] == 1 && out[1] > 0 && out[1] < 1e-17f && out[2] == 0, "a row of small numbers");
  WEFT_CHECK(out[3] == 0 && out[4] == 0 && out[5] == 0, "a row of zeros");
}

void test_refusals(Team& team) {
  const std::vector<int32_t> places = {0, 3};
  const std::vector<float> values = {1, 2};
  const ops::SparseRows rows = {1, 2, places.data(), values.data()};
  float out[2] = {};
  WEFT_CHECK(ops::sparse_dots(team, rows, rows, 3, out) == Status::invalid_argument, "a place beyond");
  WEFT_CHECK(ops::sparse_dots(team, rows, rows, 4, out) == Status::ok && out[0] == 5, "all places");
  for (const double power : {0.0, -1.0, std::nan("")}) {
    WEFT_CHECK(ops::sharpen_rows(team, 1, 2, values.data(), power, out) == Status::invalid_argument,
               "a power that is none");
  }
}

}  // namespace

int main() {
  Random random(23);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, team(*pool);
  for (Team* each : {&alone, &team}) {
    test_products(*each, 1, 1, 1, 1, random);
    test_products(*each, 5, 9, 20, 60, random);
    test_products(*each, 40, 3, 64, 66, random);
    test_products(*each, 3, 70, 10, 5000, random);
    test_products(*each, 0, 4, 2, 8, random);
    for (const double power : {1.0, 2.0, 3.0, 8.0, 13.0}) test_powers(*each, power, -1.0f, random);
    test_powers(*each, 2.5, 0.0f, random);
    test_small_numbers(*each);
    test_refusals(*each);
  }
  return weft::tests::summary("sparse_rows");
}
