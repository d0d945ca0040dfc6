// Packing: stacked parts, both orders, every element type, any alignment, and what is refused. The identity
// times a packed matrix gives its weights back, to the bit.
#include "ops/packed_matrix.h"

#include <bit>
#include <limits>
#include <memory>

#include "check.h"
#include "core/half_float.h"
#include "core/team.h"
#include "core/thread_pool.h"
#include "ops/gemm.h"

namespace {

using namespace weft;
using namespace weft::tests;

// One stored part and the floats it stands for, [outputs][inputs].
struct Part {
  std::vector<unsigned char> bytes;
  std::vector<float> floats;
  ops::WeightPart stored;
};

Part draw_part(Random& random, DType dtype, size_t outputs, size_t inputs, bool inputs_first) {
  Part part;
  const size_t size = dtype_bytes(dtype);
  part.bytes.resize(outputs * inputs * size + 1);
  part.floats.resize(outputs * inputs);
  // Stored one byte after an aligned address.
  unsigned char* data = part.bytes.data() + 1;
  for (size_t output = 0; output < outputs; ++output) {
    for (size_t input = 0; input < inputs; ++input) {
      const size_t place = inputs_first ? input * outputs + output : output * inputs + input;
      float value = random.number();
      if (dtype == DType::f32) {
        std::memcpy(data + place * size, &value, size);
      } else {
        // Exponents from the smallest subnormal half up to 2, both signs.
        const auto bits =
            static_cast<uint16_t>(dtype == DType::f16 ? random.below(0x4000) : 0x3f80 - random.below(0x400));
        const auto pattern = static_cast<uint16_t>(bits | (random.below(2) << 15));
        value = dtype == DType::f16 ? half_to_float(pattern) : bfloat_to_float(pattern);
        std::memcpy(data + place * size, &pattern, size);
      }
      part.floats[output * inputs + input] = value;
    }
  }
  part.stored = {data, dtype, outputs, inputs, inputs_first};
  return part;
}

std::vector<float> unpack(const dispatch::KernelTable& table, Team& team, const ops::PackedMatrix& packed) {
  const size_t inputs = packed.inputs();
  const size_t outputs = packed.outputs();
  std::vector<float> identity(inputs * inputs, 0.0f);
  for (size_t i = 0; i < inputs; ++i) identity[i * inputs + i] = 1.0f;
  std::vector<float> columns(inputs * outputs);
  WEFT_CHECK(ops::gemm(team, table, inputs, identity.data(), inputs, packed, {}, columns.data(), outputs) ==
                 Status::ok,
             "the identity times the weights");
  return columns;
}

void stacked_parts(const dispatch::KernelTable& table, Team& team) {
  constexpr DType kTypes[] = {DType::f32, DType::f16, DType::bf16};
  constexpr size_t kOutputs[] = {1, 5, 16, 31, 32, 33, 70};
  Random random(1);
  for (size_t round = 0; round < 120; ++round) {
    const size_t inputs = 1 + random.below(140);
    std::vector<Part> parts;
    std::vector<ops::WeightPart> stored;
    std::vector<float> expected;
    for (size_t count = 1 + random.below(4); count > 0; --count) {
      parts.push_back(draw_part(random, kTypes[random.below(3)], kOutputs[random.below(std::size(kOutputs))],
                                inputs, random.below(2) == 0));
      stored.push_back(parts.back().stored);
      expected.insert(expected.end(), parts.back().floats.begin(), parts.back().floats.end());
    }
    std::shared_ptr<const ops::PackedMatrix> packed;
    if (!WEFT_CHECK(ops::PackedMatrix::pack(table, stored, ops::Precision::f32, team, packed) == Status::ok,
                    "packing parts"))
      continue;
    const size_t outputs = packed->outputs();
    WEFT_CHECK(outputs * inputs == expected.size() && packed->inputs() == inputs, "shape of the parts");
    WEFT_CHECK(packed->bytes() >= expected.size() * sizeof(float) && packed->scales() == nullptr, "memory");
    const std::vector<float> columns = unpack(table, team, *packed);
    size_t wrong = 0;
    for (size_t output = 0; output < outputs; ++output) {
      for (size_t input = 0; input < inputs; ++input)
        wrong += columns[input * outputs + output] != expected[output * inputs + input];
    }
    WEFT_CHECK(wrong == 0, "weights of round " + std::to_string(round));
  }
}

Status pack_status(const dispatch::KernelTable& table, Team& team,
                   const std::vector<ops::WeightPart>& parts) {
  std::shared_ptr<const ops::PackedMatrix> packed;
  const Status status = ops::PackedMatrix::pack(table, parts, ops::Precision::f32, team, packed);
  WEFT_CHECK((status == Status::ok) == (packed != nullptr), "a matrix only with ok");
  return status;
}

void refusals(const dispatch::KernelTable& table, Team& team) {
  const std::vector<float> numbers(64, 1.0f);
  const ops::WeightPart good{numbers.data(), DType::f32, 8, 8, false};
  WEFT_CHECK(pack_status(table, team, {good}) == Status::ok, "a good part");
  WEFT_CHECK(pack_status(table, team, {}) == Status::invalid_argument, "no part");
  WEFT_CHECK(
      pack_status(table, team, {good, {numbers.data(), DType::f32, 8, 7, false}}) == Status::invalid_argument,
      "parts of different inputs");
  WEFT_CHECK(pack_status(table, team, {{nullptr, DType::f32, 8, 8, false}}) == Status::invalid_argument,
             "no data");
  WEFT_CHECK(
      pack_status(table, team, {{numbers.data(), DType::i32, 8, 8, false}}) == Status::invalid_argument,
      "whole numbers");
  WEFT_CHECK(
      pack_status(table, team, {{numbers.data(), DType::f32, 0, 8, false}}) == Status::invalid_argument,
      "no outputs");
  WEFT_CHECK(
      pack_status(table, team, {{numbers.data(), DType::f32, 8, 0, false}}) == Status::invalid_argument,
      "no inputs");
  WEFT_CHECK(pack_status(table, team, {{numbers.data(), DType::f32, SIZE_MAX / 2, SIZE_MAX / 2, false}}) ==
                 Status::invalid_argument,
             "a product that overflows");
  const size_t limit = memory_usage().limit;
  set_memory_limit(memory_usage().used + 64);
  WEFT_CHECK(pack_status(table, team, {good}) == Status::out_of_memory, "a limit on memory");
  set_memory_limit(limit);

  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  for (const float value : bad) {
    for (const size_t place : {size_t{0}, size_t{37}, size_t{63}}) {
      std::vector<float> poisoned = numbers;
      poisoned[place] = value;
      WEFT_CHECK(
          pack_status(table, team, {good, {poisoned.data(), DType::f32, 8, 8, false}}) == Status::not_finite,
          "a weight that is not finite");
    }
  }
  const uint16_t half_infinity[] = {0x7c00};
  WEFT_CHECK(pack_status(table, team, {{half_infinity, DType::f16, 1, 1, false}}) == Status::not_finite,
             "an infinite half");
}

}  // namespace

int main() {
  const dispatch::KernelTable& table = forced_table();
  std::shared_ptr<ThreadPool> pool;
  if (ThreadPool::create(2, pool) != Status::ok) return 1;
  Team team(*pool);
  stacked_parts(table, team);
  refusals(table, team);
  return summary("packed matrix");
}
