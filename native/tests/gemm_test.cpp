// Matrix products of every precision against double: shapes around tiles, panels and vectors, odd strides
// and alignments, every epilogue, NaN and infinity, cancellation.
#include "ops/gemm.h"

#include <limits>
#include <memory>

#include "activation_oracle.h"
#include "check.h"
#include "core/operation.h"
#include "core/team.h"
#include "core/thread_pool.h"
#include "ops/packed_matrix.h"

namespace {

using namespace weft;
using namespace weft::tests;

constexpr float kUntouched = -12345.0f;
constexpr double kEpsilon = 0x1p-24;

struct Matrix {
  Matrix(Random& random, size_t row_count, size_t column_count)
      : rows(row_count),
        columns(column_count),
        stride(column_count + random.below(4)),
        offset(1 + random.below(3)),
        numbers(offset + rows * stride + 1) {
    for (float& number : numbers) number = random.number();
  }
  float* data() { return numbers.data() + offset; }
  const float* data() const { return numbers.data() + offset; }
  float at(size_t row, size_t column) const { return numbers[offset + row * stride + column]; }

  size_t rows;
  size_t columns;
  size_t stride;
  size_t offset;  // keeps rows misaligned
  std::vector<float> numbers;
};

std::shared_ptr<const ops::PackedMatrix> pack(const dispatch::KernelTable& table, Team& team,
                                              const std::vector<float>& weights, size_t outputs,
                                              size_t inputs, ops::Precision precision) {
  const ops::WeightPart part{weights.data(), DType::f32, outputs, inputs, false};
  std::shared_ptr<const ops::PackedMatrix> packed;
  WEFT_CHECK(ops::PackedMatrix::pack(table, {&part, 1}, precision, team, packed) == Status::ok, "packing");
  return packed;
}

// Everything that may follow a product; bit b of `choice` takes part b.
struct Following {
  Following(Random& random, size_t rows, size_t outputs, size_t choice)
      : bias(random.numbers(outputs)),
        column_scale(random.numbers(outputs)),
        multiply(random, rows, outputs),
        residual(random, rows, outputs) {
    if (choice & 1) epilogue.bias = bias.data();
    if (choice & 2) epilogue.column_scale = column_scale.data();
    if (choice & 4) {
      epilogue.multiply = multiply.data();
      epilogue.multiply_stride = multiply.stride;
    }
    if (choice & 8) {
      epilogue.residual = residual.data();
      epilogue.residual_stride = residual.stride;
    }
    if (choice & 16) epilogue.scale = random.number();
    epilogue.activation = kActivations[choice / 32 % std::size(kActivations)];
  }

  std::vector<float> bias;
  std::vector<float> column_scale;
  Matrix multiply;
  Matrix residual;
  ops::Epilogue epilogue;
};
constexpr size_t kFollowingChoices = 32 * std::size(kActivations);

struct Expected {
  double value;
  double tolerance;
};

// The result from the product in double; `error` is what the product may be wrong by.
Expected follow(const Following& following, size_t row, size_t output, double product, double error) {
  const ops::Epilogue& epilogue = following.epilogue;
  const double bias = epilogue.bias == nullptr ? 0.0 : following.bias[output];
  const double sum = product + bias;
  double value = activation_oracle(epilogue.activation, sum);
  // No activation is steeper than 1.13.
  error = 1.13 * (error + kEpsilon * std::fabs(sum)) + 10.0 * kEpsilon * std::fabs(value) + 1e-35;
  double factor = epilogue.scale;
  if (epilogue.multiply != nullptr) factor *= following.multiply.at(row, output);
  if (epilogue.column_scale != nullptr) factor *= following.column_scale[output];
  value *= factor;
  error = error * std::fabs(factor) + 4.0 * kEpsilon * std::fabs(value);
  if (epilogue.residual != nullptr) value += following.residual.at(row, output);
  return {value, error + kEpsilon * std::fabs(value)};
}

void compare_shape(const dispatch::KernelTable& table, Team& team, size_t rows, size_t inputs, size_t outputs,
                   size_t choice) {
  Random random(rows * 1000003 + inputs * 1009 + outputs);
  Matrix a(random, rows, inputs);
  Matrix out(random, rows, outputs);
  const std::vector<float> weights = random.numbers(outputs * inputs);
  Following following(random, rows, outputs, choice);
  const bool in_place = following.epilogue.residual != nullptr && random.below(2) == 0;
  std::fill(out.numbers.begin(), out.numbers.end(), kUntouched);
  if (in_place) {
    for (size_t row = 0; row < rows; ++row) {
      for (size_t o = 0; o < outputs; ++o) out.data()[row * out.stride + o] = following.residual.at(row, o);
    }
    following.epilogue.residual = out.data();
    following.epilogue.residual_stride = out.stride;
  }
  const auto packed = pack(table, team, weights, outputs, inputs, ops::Precision::f32);
  WEFT_CHECK(ops::gemm(team, table, rows, a.data(), a.stride, *packed, following.epilogue, out.data(),
                       out.stride) == Status::ok,
             "gemm");

  const std::string name = std::to_string(rows) + " x " + std::to_string(inputs) + " -> " +
                           std::to_string(outputs) + ", epilogue " + std::to_string(choice);
  size_t wrong = 0;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t o = 0; o < outputs; ++o) {
      double product = 0.0;
      double size = 0.0;
      for (size_t i = 0; i < inputs; ++i) {
        const double term = static_cast<double>(a.at(row, i)) * weights[o * inputs + i];
        product += term;
        size += std::fabs(term);
      }
      const double error = kEpsilon * static_cast<double>(inputs) * size;
      const Expected expected = follow(following, row, o, product, error);
      wrong += !close(out.at(row, o), expected.value, expected.tolerance, 0.0);
    }
  }
  WEFT_CHECK(wrong == 0, name + ": " + std::to_string(wrong) + " results");
  size_t written = 0;
  for (size_t index = 0; index < out.numbers.size(); ++index) {
    const bool inside = index >= out.offset && (index - out.offset) / out.stride < rows &&
                        (index - out.offset) % out.stride < outputs;
    written += !inside && out.numbers[index] != kUntouched;
  }
  WEFT_CHECK(written == 0, name + ": numbers outside the result");
}

void shapes(const dispatch::KernelTable& table, Team& team) {
  size_t choice = 0;
  for (const size_t rows : {0, 1, 2, 3, 4, 5, 6, 7, 11, 13, 14, 15, 28, 29, 43}) {
    for (const size_t inputs : {1, 2, 15, 16, 17, 33, 70}) {
      for (const size_t outputs : {1, 2, 15, 16, 17, 31, 32, 33, 63, 65, 129, 130}) {
        compare_shape(table, team, rows, inputs, outputs, choice);
        choice = (choice + 1) % kFollowingChoices;
      }
    }
  }
  // Large enough to be cut into tasks along rows and outputs.
  compare_shape(table, team, 1, 700, 1100, 9);
  compare_shape(table, team, 333, 300, 530, 9 + 32 * 2);
  compare_shape(table, team, 70, 2050, 97, 1);
}

// A row's result is the same to the bit, whichever rows are computed with it.
void rows_alone(const dispatch::KernelTable& table, Team& team) {
  constexpr size_t kRows = 61, kInputs = 133, kOutputs = 75;
  Random random(7);
  const Matrix a(random, kRows, kInputs);
  const auto packed =
      pack(table, team, random.numbers(kOutputs * kInputs), kOutputs, kInputs, ops::Precision::f32);
  std::vector<float> together(kRows * kOutputs);
  std::vector<float> alone(kOutputs);
  ops::gemm(team, table, kRows, a.data(), a.stride, *packed, {}, together.data(), kOutputs);
  for (size_t row = 0; row < kRows; ++row) {
    ops::gemm(team, table, 1, a.data() + row * a.stride, a.stride, *packed, {}, alone.data(), kOutputs);
    WEFT_CHECK(std::memcmp(alone.data(), together.data() + row * kOutputs, kOutputs * sizeof(float)) == 0,
               "row " + std::to_string(row) + " alone");
  }
}

void special_numbers(const dispatch::KernelTable& table, Team& team) {
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
  const auto packed = pack(table, team, weights, kOutputs, kInputs, ops::Precision::f32);
  std::vector<float> out(kRows * kOutputs);
  ops::gemm(team, table, kRows, a.data(), a.stride, *packed, {}, out.data(), kOutputs);
  for (size_t row = 0; row < kRows; ++row) {
    for (size_t o = 0; o < kOutputs; ++o) {
      double product = 0.0;
      for (size_t i = 0; i < kInputs; ++i)
        product += static_cast<double>(a.at(row, i)) * weights[o * kInputs + i];
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
  shapes(table, team);
  rows_alone(table, team);
  special_numbers(table, team);
  cancellation(table, *pool);
  return summary("gemm");
}
