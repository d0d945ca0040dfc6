// What the tests of matrix products share: misaligned matrices, every epilogue and its result in double.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "activation_oracle.h"
#include "check.h"
#include "core/team.h"
#include "ops/gemm.h"
#include "ops/packed_matrix.h"

namespace weft::tests {

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

inline std::shared_ptr<const ops::PackedMatrix> pack(const dispatch::KernelTable& table, Team& team,
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
inline Expected follow(const Following& following, size_t row, size_t output, double product, double error) {
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

// Multiplies and compares every result with `product`, which gives the product in double and what it may be
// wrong by; also proves that nothing else was written.
template <class Product>
void compare_product(const dispatch::KernelTable& table, Team& team, const Matrix& a,
                     const ops::PackedMatrix& weights, size_t choice, Random& random, Product product) {
  const size_t rows = a.rows;
  const size_t outputs = weights.outputs();
  Matrix out(random, rows, outputs);
  Following following(random, rows, outputs, choice);
  std::fill(out.numbers.begin(), out.numbers.end(), kUntouched);
  if (following.epilogue.residual != nullptr && random.below(2) == 0) {
    for (size_t row = 0; row < rows; ++row) {
      for (size_t o = 0; o < outputs; ++o) out.data()[row * out.stride + o] = following.residual.at(row, o);
    }
    following.epilogue.residual = out.data();
    following.epilogue.residual_stride = out.stride;
  }
  WEFT_CHECK(ops::gemm(team, table, rows, a.data(), a.stride, weights, following.epilogue, out.data(),
                       out.stride) == Status::ok,
             "gemm");

  const std::string name = std::to_string(rows) + " x " + std::to_string(weights.inputs()) + " -> " +
                           std::to_string(outputs) + ", epilogue " + std::to_string(choice);
  size_t wrong = 0;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t o = 0; o < outputs; ++o) {
      const Expected exact = product(row, o);
      const Expected expected = follow(following, row, o, exact.value, exact.tolerance);
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

// Shapes around tiles, panels and vectors of every variant, and three that are cut into tasks along rows and
// outputs; run(rows, inputs, outputs, epilogue).
template <class Run>
void for_shapes(Run run) {
  size_t choice = 0;
  for (const size_t rows : {0, 1, 2, 3, 4, 5, 6, 7, 11, 13, 14, 15, 28, 29, 43}) {
    for (const size_t inputs : {1, 2, 15, 16, 17, 33, 70}) {
      for (const size_t outputs : {1, 2, 15, 16, 17, 31, 32, 33, 63, 65, 129, 130}) {
        run(rows, inputs, outputs, choice);
        choice = (choice + 1) % kFollowingChoices;
      }
    }
  }
  run(1, 700, 1100, 9);
  run(333, 300, 530, 9 + 32 * 2);
  run(70, 2050, 97, 1);
}

}  // namespace weft::tests
