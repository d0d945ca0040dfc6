// Matrix products with float and bfloat16 weights against double: shapes around tiles, panels and vectors,
// odd strides and alignments, every epilogue, NaN and infinity, cancellation.
#include <bit>
#include <limits>

#include "core/half_float.h"
#include "core/operation.h"
#include "core/thread_pool.h"
#include "gemm_cases.h"

namespace {

using namespace weft;
using namespace weft::tests;

constexpr ops::Precision kPrecisions[] = {ops::Precision::f32, ops::Precision::bf16};

// The weight that is multiplied: bfloat16 ones are rounded to nearest, ties to even.
float stored_weight(float weight, ops::Precision precision) {
  if (precision == ops::Precision::f32) return weight;
  const auto bits = std::bit_cast<uint32_t>(weight);
  const uint32_t rest = bits & 0xffffu;
  uint32_t upper = bits >> 16;
  if (rest > 0x8000u || (rest == 0x8000u && upper % 2 == 1)) ++upper;
  return bfloat_to_float(static_cast<uint16_t>(upper));
}

void compare_shape(const dispatch::KernelTable& table, Team& team, ops::Precision precision, size_t rows,
                   size_t inputs, size_t outputs, size_t choice) {
  Random random(rows * 1000003 + inputs * 1009 + outputs);
  const Matrix a(random, rows, inputs);
  std::vector<float> weights = random.numbers(outputs * inputs);
  const auto packed = pack(table, team, weights, outputs, inputs, precision);
  for (float& weight : weights) weight = stored_weight(weight, precision);
  compare_product(table, team, a, *packed, choice, random, [&](size_t row, size_t output) {
    double product = 0.0;
    double size = 0.0;
    for (size_t i = 0; i < inputs; ++i) {
      const double term = static_cast<double>(a.at(row, i)) * weights[output * inputs + i];
      product += term;
      size += std::fabs(term);
    }
    return Expected{product, kEpsilon * static_cast<double>(inputs) * size};
  });
}

// A row's result is the same to the bit, whichever rows are computed with it.
void rows_alone(const dispatch::KernelTable& table, Team& team, ops::Precision precision) {
  constexpr size_t kRows = 61, kInputs = 133, kOutputs = 75;
  Random random(7);
  const Matrix a(random, kRows, kInputs);
  const auto packed = pack(table, team, random.numbers(kOutputs * kInputs), kOutputs, kInputs, precision);
  std::vector<float> together(kRows * kOutputs);
  std::vector<float> alone(kOutputs);
  ops::gemm(team, table, kRows, a.data(), a.stride, *packed, {}, together.data(), kOutputs);
  for (size_t row = 0; row < kRows; ++row) {
    ops::gemm(team, table, 1, a.data() + row * a.stride, a.stride, *packed, {}, alone.data(), kOutputs);
    WEFT_CHECK(std::memcmp(alone.data(), together.data() + row * kOutputs, kOutputs * sizeof(float)) == 0,
               "row " + std::to_string(row) + " alone");
  }
}

void special_numbers(const dispatch::KernelTable& table, Team& team, ops::Precision precision) {
  constexpr size_t kRows = 31, kInputs = 37, kOutputs = 40;
  const float infinity = std::numeric_limits<float>::infinity();
  Random random(8);
  Matrix a(random, kRows, kInputs);
  const std::vector<float> weights = random.numbers(kOutputs * kInputs);
  a.data()[3 * a.stride + 36] = std::numeric_limits<float>::quiet_NaN();
  a.data()[9 * a.stride] = infinity;
  a.data()[10 * a.stride + 17] = -infinity;
  a.data()[11 * a.stride + 1] = infinity;
  a.data()[11 * a.stride + 2] = -infinity;
  const auto packed = pack(table, team, weights, kOutputs, kInputs, precision);
  std::vector<float> out(kRows * kOutputs);
  ops::gemm(team, table, kRows, a.data(), a.stride, *packed, {}, out.data(), kOutputs);
  for (size_t row = 0; row < kRows; ++row) {
    for (size_t o = 0; o < kOutputs; ++o) {
      double product = 0.0;
      for (size_t i = 0; i < kInputs; ++i)
        product += static_cast<double>(a.at(row, i)) * stored_weight(weights[o * kInputs + i], precision);
      WEFT_CHECK(close(out[row * kOutputs + o], product, 1e-4, 0.0),
                 "special numbers in row " + std::to_string(row));
    }
  }
}

class Stopped : public Operation {
 public:
  size_t task_count() const override { return 1; }
  void run_task(size_t) noexcept override {}
};

void cancellation(const dispatch::KernelTable& table, ThreadPool& pool) {
  Stopped operation;
  Team team(pool, &operation);
  const std::vector<float> numbers(64 * 64, 1.0f);
  const auto packed = pack(table, team, numbers, 64, 64, ops::Precision::f32);
  std::vector<float> out(64 * 64);
  WEFT_CHECK(ops::gemm(team, table, 64, numbers.data(), 64, *packed, {}, out.data(), 64) == Status::ok,
             "before");
  operation.cancel();
  WEFT_CHECK(ops::gemm(team, table, 64, numbers.data(), 64, *packed, {}, out.data(), 64) == Status::cancelled,
             "a cancelled team multiplies");
  const ops::WeightPart part{numbers.data(), DType::f32, 64, 64, false};
  std::shared_ptr<const ops::PackedMatrix> none;
  WEFT_CHECK(
      ops::PackedMatrix::pack(table, {&part, 1}, ops::Precision::f32, team, none) == Status::cancelled &&
          none == nullptr,
      "a cancelled team packs");
}

}  // namespace

int main() {
  const dispatch::KernelTable& table = forced_table();
  std::shared_ptr<ThreadPool> pool;
  if (ThreadPool::create(3, pool) != Status::ok) return 1;
  Team team(*pool);
  for (const ops::Precision precision : kPrecisions) {
    for_shapes([&](size_t rows, size_t inputs, size_t outputs, size_t choice) {
      compare_shape(table, team, precision, rows, inputs, outputs, choice);
    });
    rows_alone(table, team, precision);
    special_numbers(table, team, precision);
  }
  cancellation(table, *pool);
  return summary("gemm");
}
