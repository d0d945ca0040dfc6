// A weight matrix in the order its kernels read it: packed once per precision, read-only, shared by
// everything that uses the same weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/buffer.h"
#include "core/status.h"
#include "core/team.h"
#include "core/tensor.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

enum class Precision : uint8_t {
  f32,
  bf16,  // weights rounded to bfloat16 (to nearest even), sums in float
  int8,  // weights int8, symmetric, one scale per output; activations quantised per row while running; sums
         // in int32
};

// One stored matrix of f32, f16 or bf16 elements without gaps, at any alignment.
struct WeightPart {
  const void* data = nullptr;
  DType dtype = DType::f32;
  size_t outputs = 0;
  size_t inputs = 0;
  // false: [outputs][inputs] as torch.nn.Linear stores it; true: [inputs][outputs] as GPT-2's Conv1D does.
  bool inputs_first = false;
};

class PackedMatrix {
 public:
  // Stacks the parts along their outputs (query, key and value become one matrix): all have the same inputs.
  // Work is shared by `team`. invalid_argument, out_of_memory, cancelled; not_finite when a weight is NaN or
  // infinite.
  static Status pack(const dispatch::KernelTable& table, std::span<const WeightPart> parts,
                     Precision precision, Team& team, std::shared_ptr<const PackedMatrix>& packed) noexcept;

  size_t outputs() const noexcept { return outputs_; }
  size_t inputs() const noexcept { return inputs_; }
  Precision precision() const noexcept { return precision_; }
  // Bytes of memory it holds.
  size_t bytes() const noexcept { return panels_.bytes() + scales_.bytes(); }

  // For the kernels of the table it was packed with.
  const void* panels() const noexcept { return panels_.data(); }
  // int8: what the kernels need beside the panels (scales and sums of the outputs); null otherwise.
  const void* scales() const noexcept { return scales_.data(); }

 private:
  PackedMatrix() = default;

  size_t outputs_ = 0;
  size_t inputs_ = 0;
  Precision precision_ = Precision::f32;
  Buffer panels_;
  Buffer scales_;
};

}  // namespace weft::ops
