// See ops/matrix_throughput.h.
#include "ops/matrix_throughput.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/team.h"
#include "ops/gemm.h"

namespace weft::ops {
namespace {

// Small numbers of both signs: neither denormal nor growing.
void fill(float* numbers, size_t count) {
  for (size_t index = 0; index < count; ++index) {
    numbers[index] = static_cast<float>(static_cast<int>(index * 7 % 31) - 15) / 16.0f;
  }
}

}  // namespace

void MatrixThroughput::run_task(size_t) noexcept {
  Team team(pool_, this);
  Buffer rows, weights, out;
  for (const auto& [buffer, count] :
       {std::pair{&rows, kRows * kInputs}, std::pair{&weights, kOutputs * kInputs},
        std::pair{&out, kRows * kOutputs}}) {
    const Status status = Buffer::allocate(count * sizeof(float), *buffer);
    if (status != Status::ok) return fail(status);
  }
  fill(rows.floats(), kRows * kInputs);
  fill(weights.floats(), kOutputs * kInputs);
  const WeightPart part{weights.data(), DType::f32, kOutputs, kInputs};
  std::shared_ptr<const PackedMatrix> packed;
  Status status = PackedMatrix::pack(table_, {&part, 1}, precision_, team, packed);

  constexpr double kEach = 2.0 * kRows * kInputs * kOutputs;
  const double products = std::max(1.0, std::ceil(operations_ / kEach));
  const auto start = std::chrono::steady_clock::now();
  for (double done = 0; done < products && status == Status::ok; ++done) {
    status = gemm(team, table_, kRows, rows.floats(), kInputs, *packed, {}, out.floats(), kOutputs);
    if (is_cancelled()) status = Status::cancelled;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (status != Status::ok) return fail(status);
  throughput_ = {kEach * products, taken.count()};
}

}  // namespace weft::ops
