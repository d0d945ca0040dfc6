// Matrix products in 8 bits: the sums of every variant are exact, so results differ from those of the same
// numbers in double by the rounding of the epilogue only; and they stay near the float product.
#include <limits>

#include "core/thread_pool.h"
#include "gemm_cases.h"
#include "kernels/gemm.h"

namespace {

using namespace weft;
using namespace weft::tests;

// Symmetric 8-bit numbers of `count` floats, `step` apart: the largest becomes 127.
struct Quantised {
  Quantised(const float* from, size_t step, size_t count) : numbers(count, 0) {
    float largest = 0.0f;
    for (size_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(from[i * step]));
    if (largest == 0.0f) return;
    scale = largest / 127.0f;
    const float factor = 127.0f / largest;
    for (size_t i = 0; i < count; ++i) numbers[i] = static_cast<int>(std::nearbyint(from[i * step] * factor));
  }
  std::vector<int> numbers;
  float scale = 0.0f;
};

void compare_shape(const dispatch::KernelTable& table, Team& team, size_t rows, size_t inputs, size_t outputs,
                   size_t choice) {
  Random random(rows * 1000003 + inputs * 1009 + outputs);
  Matrix a(random, rows, inputs);
  std::vector<float> weights = random.numbers(outputs * inputs);
  // A row and an output of zeros, and rows of very different size.
  if (rows > 2) std::fill_n(a.data() + 2 * a.stride, inputs, 0.0f);
  if (outputs > 3) std::fill_n(weights.data() + 3 * inputs, inputs, 0.0f);
  if (rows > 4) {
    for (size_t i = 0; i < inputs; ++i) a.data()[4 * a.stride + i] *= 1e6f;
  }
  std::vector<Quantised> row_numbers;
  std::vector<Quantised> output_numbers;
  for (size_t row = 0; row < rows; ++row) row_numbers.emplace_back(a.data() + row * a.stride, 1, inputs);
  for (size_t o = 0; o < outputs; ++o) output_numbers.emplace_back(weights.data() + o * inputs, 1, inputs);
  const auto packed = pack(table, team, weights, outputs, inputs, ops::Precision::int8);
  compare_product(table, team, a, *packed, choice, random, [&](size_t row, size_t output) {
    int64_t sum = 0;
    for (size_t i = 0; i < inputs; ++i)
      sum += row_numbers[row].numbers[i] * output_numbers[output].numbers[i];
    const double product = static_cast<double>(sum) * row_numbers[row].scale * output_numbers[output].scale;
    return Expected{product, 4.0 * kEpsilon * std::fabs(product)};
  });
}

// Rows and weights that are their own 8-bit numbers give whole results, exactly; the extremes would overflow
// 16-bit sums of two products.
void whole_numbers(const dispatch::KernelTable& table, Team& team) {
  for (const size_t inputs : {4, 7, 63, 64, 130, 1040}) {
    constexpr size_t kRows = 33, kOutputs = 67;
    Random random(inputs);
    std::vector<float> a(kRows * inputs);
    std::vector<float> weights(kOutputs * inputs);
    const auto draw = [&](std::vector<float>& numbers) {
      for (size_t index = 0; index < numbers.size(); ++index) {
        const size_t line = index / inputs;
        const int number = static_cast<int>(random.below(255)) - 127;
        numbers[index] = line % 4 == 0   ? 127.0f
                         : line % 4 == 1 ? -127.0f
                         : line % 4 == 2 ? (number < 0 ? -127.0f : 127.0f)
                                         : static_cast<float>(number);
        if (index % inputs == 0) numbers[index] = 127.0f;
      }
    };
    draw(a);
    draw(weights);
    const auto packed = pack(table, team, weights, kOutputs, inputs, ops::Precision::int8);
    std::vector<float> out(kRows * kOutputs);
    ops::gemm(team, table, kRows, a.data(), inputs, *packed, {}, out.data(), kOutputs);
    size_t wrong = 0;
    for (size_t row = 0; row < kRows; ++row) {
      for (size_t o = 0; o < kOutputs; ++o) {
        double sum = 0.0;
        for (size_t i = 0; i < inputs; ++i)
          sum += static_cast<double>(a[row * inputs + i]) * weights[o * inputs + i];
        wrong += out[row * kOutputs + o] != sum;
      }
    }
    WEFT_CHECK(wrong == 0, "whole numbers of " + std::to_string(inputs) + " inputs");
  }
}

void near_float(const dispatch::KernelTable& table, Team& team) {
  constexpr size_t kRows = 40, kInputs = 300, kOutputs = 90;
  Random random(3);
  const Matrix a(random, kRows, kInputs);
  const std::vector<float> weights = random.numbers(kOutputs * kInputs);
  std::vector<float> in_float(kRows * kOutputs);
  std::vector<float> in_bytes(kRows * kOutputs);
  const auto floats = pack(table, team, weights, kOutputs, kInputs, ops::Precision::f32);
  const auto bytes = pack(table, team, weights, kOutputs, kInputs, ops::Precision::int8);
  WEFT_CHECK(bytes->bytes() * 3 < floats->bytes(), "8-bit weights take less than a third of the memory");
  ops::gemm(team, table, kRows, a.data(), a.stride, *floats, {}, in_float.data(), kOutputs);
  ops::gemm(team, table, kRows, a.data(), a.stride, *bytes, {}, in_bytes.data(), kOutputs);
  for (size_t row = 0; row < kRows; ++row) {
    for (size_t o = 0; o < kOutputs; ++o) {
      double row_size = 0.0, output_size = 0.0, row_most = 0.0, output_most = 0.0;
      for (size_t i = 0; i < kInputs; ++i) {
        row_size += std::fabs(a.at(row, i));
        output_size += std::fabs(weights[o * kInputs + i]);
        row_most = std::max<double>(row_most, std::fabs(a.at(row, i)));
        output_most = std::max<double>(output_most, std::fabs(weights[o * kInputs + i]));
      }
      // Every number is wrong by half a step at most.
      const double row_step = row_most / 254.0, output_step = output_most / 254.0;
      const double bound = row_step * output_size + output_step * row_size + row_step * output_step * kInputs;
      WEFT_CHECK(std::fabs(in_bytes[row * kOutputs + o] - in_float[row * kOutputs + o]) <= bound * 1.001,
                 "near the float product");
    }
  }
}

void special_numbers(const dispatch::KernelTable& table, Team& team) {
  constexpr size_t kRows = 21, kInputs = 77, kOutputs = 40;
  const float infinity = std::numeric_limits<float>::infinity();
  Random random(8);
  Matrix a(random, kRows, kInputs);
  a.data()[3 * a.stride + 76] = std::numeric_limits<float>::quiet_NaN();
  a.data()[9 * a.stride] = infinity;
  a.data()[10 * a.stride + 17] = -infinity;
  for (size_t i = 0; i < kInputs; ++i) a.data()[12 * a.stride + i] = random.number() * 1e-38f;
  for (size_t i = 0; i < kInputs; ++i) a.data()[13 * a.stride + i] = random.number() * 3e38f;
  const auto packed =
      pack(table, team, random.numbers(kOutputs * kInputs), kOutputs, kInputs, ops::Precision::int8);
  std::vector<float> out(kRows * kOutputs);
  ops::gemm(team, table, kRows, a.data(), a.stride, *packed, {}, out.data(), kOutputs);
  for (size_t row = 0; row < kRows; ++row) {
    const bool poisoned = row == 3 || row == 9 || row == 10;
    for (size_t o = 0; o < kOutputs; ++o) {
      const float result = out[row * kOutputs + o];
      WEFT_CHECK(std::isnan(result) == poisoned, "NaN and infinity poison row " + std::to_string(row));
      if (row == 12) WEFT_CHECK(std::fabs(result) < 1e-36f, "a row of the smallest numbers");
    }
  }
}

void most_inputs(const dispatch::KernelTable& table, Team& team) {
  const size_t inputs = kernels::kMostInt8Inputs;
  const std::vector<float> ones(inputs + 1, 1.0f);
  const std::vector<float> minus(inputs, -1.0f);
  float out[2];
  const ops::WeightPart parts[] = {{ones.data(), DType::f32, 1, inputs, false},
                                   {minus.data(), DType::f32, 1, inputs, false}};
  std::shared_ptr<const ops::PackedMatrix> packed;
  WEFT_CHECK(ops::PackedMatrix::pack(table, parts, ops::Precision::int8, team, packed) == Status::ok,
             "most inputs");
  ops::gemm(team, table, 1, ones.data(), inputs, *packed, {}, out, 2);
  const auto expected = static_cast<double>(inputs);
  WEFT_CHECK(close(out[0], expected, 0.0, 1e-6) && close(out[1], -expected, 0.0, 1e-6),
             "the largest sum fits 32 bits");
  const ops::WeightPart more{ones.data(), DType::f32, 1, inputs + 1, false};
  WEFT_CHECK(ops::PackedMatrix::pack(table, {&more, 1}, ops::Precision::int8, team, packed) ==
                 Status::invalid_argument,
             "one input more is refused");
}

}  // namespace

int main() {
  const dispatch::KernelTable& table = forced_table();
  std::shared_ptr<ThreadPool> pool;
  if (ThreadPool::create(3, pool) != Status::ok) return 1;
  Team team(*pool);
  for_shapes([&](size_t rows, size_t inputs, size_t outputs, size_t choice) {
    compare_shape(table, team, rows, inputs, outputs, choice);
  });
  whole_numbers(table, team);
  near_float(table, team);
  special_numbers(table, team);
  most_inputs(table, team);
  return summary("gemm int8");
}
