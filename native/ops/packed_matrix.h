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
  // Bytes that kernels read, without what allocation adds.
  struct Layout {
    size_t panel_bytes = 0;
    size_t scale_bytes = 0;

    bool operator==(const Layout&) const = default;
  };

  // Stacks the parts along their outputs (query, key and value become one matrix): all have the same inputs.
  // Work is shared by `team`. invalid_argument (int8: also more than 133144 inputs), out_of_memory,
  // cancelled; not_finite when a weight is NaN or infinite.
  static Status pack(const dispatch::KernelTable& table, std::span<const WeightPart> parts,
                     Precision precision, Team& team, std::shared_ptr<const PackedMatrix>& packed) noexcept;

  // A matrix that kernels of the same kind packed before, used where it lies: panels and scales (null where
  // there are none) aligned to 64 bytes, 64 bytes after the end of either readable, alive with `owner`.
  // invalid_argument when `layout` is not that of such a matrix, out_of_memory.
  static Status adopt(const dispatch::KernelTable& table, size_t outputs, size_t inputs, Precision precision,
                      const Layout& layout, const void* panels, const void* scales,
                      std::shared_ptr<const void> owner,
                      std::shared_ptr<const PackedMatrix>& packed) noexcept;

  size_t outputs() const noexcept { return outputs_; }
  size_t inputs() const noexcept { return inputs_; }
  Precision precision() const noexcept { return precision_; }
  const Layout& layout() const noexcept { return layout_; }
  // Bytes of memory it holds; of a mapped file, bytes that the system may take back.
  size_t bytes() const noexcept { return layout_.panel_bytes + layout_.scale_bytes; }

  // For the kernels of the table it was packed with.
  const void* panels() const noexcept { return panels_; }
  // int8: what the kernels need beside the panels (scales and sums of the outputs); null otherwise.
  const void* scales() const noexcept { return scales_; }

 private:
  PackedMatrix() = default;

  size_t outputs_ = 0;
  size_t inputs_ = 0;
  Precision precision_ = Precision::f32;
  Layout layout_;
  const void* panels_ = nullptr;
  const void* scales_ = nullptr;
  // Whose memory that is: its own, or that of `owner_`.
  Buffer panel_buffer_;
  Buffer scale_buffer_;
  std::shared_ptr<const void> owner_;
};

}  // namespace weft::ops
