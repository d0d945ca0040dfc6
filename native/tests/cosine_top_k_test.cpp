// The best rows of drawn matrices against a full sort in double: ties, zero rows, NaN rows, more rows than a
// piece, known norms, strides, several parts, rows of half precision, alone and in a team.
#include "ops/cosine_top_k.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "core/half_float.h"
#include "core/thread_pool.h"
#include "ops/best_few.h"
#include "tests/check.h"

namespace {

using weft::Status;
using weft::Team;
using weft::tests::Random;
namespace ops = weft::ops;

double cosine(const float* a, const float* b, size_t width) {
  double product = 0, first = 0, second = 0;
  for (size_t i = 0; i < width; ++i) {
    product += static_cast<double>(a[i]) * b[i];
    first += static_cast<double>(a[i]) * a[i];
    second += static_cast<double>(b[i]) * b[i];
  }
  return product / (std::max(std::sqrt(first), 1e-8) * std::max(std::sqrt(second), 1e-8));
}

// Finite, of either sign, subnormal ones too.
uint16_t random_half(Random& random) {
  const uint16_t exponent = static_cast<uint16_t>(random.below(17));
  return static_cast<uint16_t>((random.below(2) << 15) | (exponent << 10) | random.below(1024));
}

struct Case {
  size_t queries, rows, width, best, gap;
  bool known_norms;
  bool halves = false;
  size_t parts = 1;
};

void test_case(Team& team, const weft::dispatch::KernelTable& table, const Case& c, Random& random) {
  const size_t stride = c.width + c.gap;
  const std::vector<float> query = random.numbers(c.queries * c.width);
  std::vector<float> matrix = random.numbers(c.rows * stride);
  std::vector<uint16_t> halves;
  if (c.halves) {
    for (float& number : matrix) {
      halves.push_back(random_half(random));
      number = weft::half_to_float(halves.back());
    }
  }
  std::vector<float> norms(c.rows);
  for (size_t row = 0; row < c.rows; ++row) {
    double sum = 0;
    for (size_t i = 0; i < c.width; ++i)
      sum += static_cast<double>(matrix[row * stride + i]) * matrix[row * stride + i];
    norms[row] = static_cast<float>(std::sqrt(sum));
  }
  std::vector<ops::RowsPart> parts;
  for (size_t part = 0, first = 0; part < c.parts; ++part) {
    // Of uneven sizes; the last part takes the rest.
    const size_t rows = part + 1 == c.parts ? c.rows - first : c.rows / (c.parts + 1 + part);
    const void* data = c.halves ? static_cast<const void*>(halves.data() + first * stride)
                                : static_cast<const void*>(matrix.data() + first * stride);
    const weft::DType dtype = c.halves ? weft::DType::f16 : weft::DType::f32;
    parts.push_back({rows, dtype, data, stride, c.known_norms ? norms.data() + first : nullptr, nullptr});
    first += rows;
  }
  const ops::TopKProblem problem = {c.queries, c.width, c.best, query.data(), parts};
  std::vector<float> scores(c.queries * c.best + 1, -9);
  std::vector<int32_t> places(c.queries * c.best + 1, -9);
  WEFT_CHECK(ops::cosine_top_k(team, table, problem, scores.data(), places.data()) == Status::ok, "fails");
  WEFT_CHECK(scores.back() == -9 && places.back() == -9, "writes beyond its results");
  for (size_t q = 0; q < c.queries; ++q) {
    std::vector<double> all;
    for (size_t row = 0; row < c.rows; ++row) {
      all.push_back(cosine(query.data() + q * c.width, matrix.data() + row * stride, c.width));
    }
    std::vector<double> sorted = all;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    std::vector<int32_t> seen;
    bool good = true;
    for (size_t i = 0; i < c.best; ++i) {
      const int32_t place = places[q * c.best + i];
      good = good && place >= 0 && static_cast<size_t>(place) < c.rows;
      if (!good) break;
      // Places may be exchanged where scores agree to the last bits, so the scores are what is compared.
      good = good && weft::tests::close(scores[q * c.best + i], sorted[i], 2e-6, 0) &&
             weft::tests::close(scores[q * c.best + i], all[static_cast<size_t>(place)], 2e-6, 0);
      seen.push_back(place);
    }
    std::sort(seen.begin(), seen.end());
    good = good && std::adjacent_find(seen.begin(), seen.end()) == seen.end();
    WEFT_CHECK(good, std::to_string(c.rows) + " rows of " + std::to_string(c.width) + ", best " +
                         std::to_string(c.best) + ", query " + std::to_string(q));
  }
}

// Rows: twice the query (score 1), its opposite, zero, NaN, the query again. Equal scores keep their order.
void test_special_rows(Team& team, const weft::dispatch::KernelTable& table) {
  const std::vector<float> query = {3, 4};
  const float nan = std::nanf("");
  const std::vector<float> matrix = {6, 8, -3, -4, 0, 0, nan, 1, 3, 4};
  std::vector<float> scores(5);
  std::vector<int32_t> places(5);
  const ops::RowsPart part = {5, weft::DType::f32, matrix.data(), 2, nullptr, nullptr};
  const ops::TopKProblem problem = {1, 2, 5, query.data(), {&part, 1}};
  WEFT_CHECK(ops::cosine_top_k(team, table, problem, scores.data(), places.data()) == Status::ok, "fails");
  WEFT_CHECK((places == std::vector<int32_t>{0, 4, 2, 1, 3}), "the order of special rows");
  WEFT_CHECK(scores[2] == 0 && scores[4] == -std::numeric_limits<float>::infinity(), "their scores");
}

void test_best_few(Random& random) {
  for (size_t capacity = 0; capacity <= 9; ++capacity) {
    std::vector<ops::Scored> all, memory(capacity);
    ops::BestFew best(memory.data(), capacity);
    for (int32_t place = 0; place < 40; ++place) {
      all.push_back({static_cast<float>(random.below(12)), place});
      best.offer(all.back());
    }
    std::sort(all.begin(), all.end(), ops::ranks_before);
    best.sort();
    bool good = best.count() == capacity;
    for (size_t i = 0; i < best.count(); ++i) good = good && best.begin()[i].place == all[i].place;
    WEFT_CHECK(good, "the best " + std::to_string(capacity));
  }
}

void test_refusals(const weft::dispatch::KernelTable& table) {
  Team team;
  std::vector<float> numbers(8, 1.0f);
  float score = 0;
  int32_t place = 0;
  ops::RowsPart part = {2, weft::DType::f32, numbers.data(), 4, nullptr, nullptr};
  ops::TopKProblem problem = {1, 4, 3, numbers.data(), {&part, 1}};
  const auto run = [&] { return ops::cosine_top_k(team, table, problem, &score, &place); };
  WEFT_CHECK(run() == Status::invalid_argument, "more results than rows");
  problem.best = 1;
  part.stride = 3;
  WEFT_CHECK(run() == Status::invalid_argument, "rows that overlap");
  part.stride = 4;
  part.dtype = weft::DType::i8;
  WEFT_CHECK(run() == Status::invalid_argument, "rows of whole numbers");
  part.dtype = weft::DType::f32;
  WEFT_CHECK(run() == Status::ok, "a good problem");
  numbers[0] = std::nanf("");
  WEFT_CHECK(run() == Status::not_finite, "a NaN query");
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(17);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, team(*pool);
  test_best_few(random);
  test_special_rows(alone, table);
  test_refusals(table);
  for (const Case& c : std::vector<Case>{{1, 1, 1, 1, 0, false},
                                         {3, 50, 7, 50, 2, false},
                                         {2, 3000, 33, 10, 0, true},
                                         {17, 5000, 64, 5, 0, false},
                                         {70, 2100, 16, 9, 3, false},
                                         {1, 1200, 512, 20, 0, false},
                                         {1, 3000, 40, 800, 0, false, false, 3},
                                         {1, 2000, 77, 30, 0, true, true, 4},
                                         {6, 900, 65, 11, 3, true, true, 2},
                                         {5, 700, 31, 9, 1, false, true, 2},
                                         {20, 1500, 48, 25, 2, false, true, 3},
                                         {33, 800, 19, 800, 0, true, true, 1},
                                         {4, 10, 5, 0, 0, false}}) {
    test_case(alone, table, c, random);
    test_case(team, table, c, random);
  }
  return weft::tests::summary("cosine_top_k");
}
