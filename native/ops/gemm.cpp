// See ops/gemm.h. Cuts the results into blocks of rows and outputs, one task each; a task packs its rows
// once and looks before every call of the kernel whether to stop.
#include "ops/gemm.h"

#include <algorithm>
#include <atomic>

#include "core/scratch.h"
#include "ops/gemm_kernels.h"

namespace weft::ops {
namespace {

// Packed rows of a block share the second cache level with a panel.
constexpr size_t kRowBlockBytes = size_t{512} << 10;
// Tasks per thread: enough that the last one does not keep a single thread busy for long.
constexpr size_t kTasksPerThread = 6;
// Below this many multiply-adds, some microseconds, a task costs more than it brings.
constexpr size_t kLeastTaskWork = size_t{1} << 19;

constexpr size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }

struct Plan {
  size_t row_blocks;
  size_t column_blocks;
  size_t panels;       // of the whole matrix
  size_t step_panels;  // of one call of the kernel
};

Plan plan_blocks(const kernels::Gemm& kernel, size_t threads, size_t rows, const PackedMatrix& weights) {
  const size_t inputs = weights.inputs();
  const size_t panels = divide_up(weights.outputs(), kernel.panel_width);
  const size_t row_bytes = std::max<size_t>(1, kernel.packed_row_bytes(1, inputs));
  const size_t panel_work = inputs * kernel.panel_width;
  const size_t most_rows = std::max<size_t>(
      kernel.tile_rows, std::min(kRowBlockBytes / row_bytes, kernel.block_work / panel_work));
  const size_t row_blocks = divide_up(rows, most_rows);

  const size_t block_rows = divide_up(rows, row_blocks);
  const size_t wanted = divide_up(threads * kTasksPerThread, row_blocks);
  const size_t least_panels = divide_up(kLeastTaskWork, block_rows * panel_work);
  const size_t task_panels = std::max(std::min(least_panels, panels), panels / wanted);
  const size_t step = kernel.block_work / (block_rows * panel_work);
  return {row_blocks, threads == 1 ? 1 : divide_up(panels, std::max<size_t>(1, task_panels)), panels,
          std::max<size_t>(1, step)};
}

// Part `index` of `count` cut into `parts` as even as possible.
size_t part_start(size_t count, size_t parts, size_t index) {
  return count / parts * index + std::min(index, count % parts);
}

kernels::GemmEpilogue epilogue_at(kernels::GemmEpilogue epilogue, size_t row, size_t column) {
  if (epilogue.bias != nullptr) epilogue.bias += column;
  if (epilogue.column_scale != nullptr) epilogue.column_scale += column;
  if (epilogue.multiply != nullptr) epilogue.multiply += row * epilogue.multiply_stride + column;
  if (epilogue.residual != nullptr) epilogue.residual += row * epilogue.residual_stride + column;
  return epilogue;
}

}  // namespace

Status gemm(Team& team, const dispatch::KernelTable& table, size_t rows, const float* a, size_t a_stride,
            const PackedMatrix& weights, const Epilogue& epilogue, float* out, size_t out_stride) noexcept {
  if (team.is_cancelled()) return Status::cancelled;
  if (rows == 0) return Status::ok;
  const kernels::Gemm& kernel = gemm_kernels(table, weights.precision());
  const size_t inputs = weights.inputs();
  const Plan plan = plan_blocks(kernel, team.size(), rows, weights);
  std::atomic<bool> no_memory{false};

  team.parallel(plan.row_blocks * plan.column_blocks, [&](size_t task) {
    const size_t row_block = task / plan.column_blocks;
    const size_t column_block = task % plan.column_blocks;
    const size_t row = part_start(rows, plan.row_blocks, row_block);
    const size_t row_count = part_start(rows, plan.row_blocks, row_block + 1) - row;
    size_t panel = part_start(plan.panels, plan.column_blocks, column_block);
    const size_t end = part_start(plan.panels, plan.column_blocks, column_block + 1);
    if (team.is_cancelled() || no_memory.load(std::memory_order_relaxed)) return;
    void* packed_rows = thread_scratch(kernel.packed_row_bytes(row_count, inputs));
    if (packed_rows == nullptr) {
      no_memory.store(true, std::memory_order_relaxed);
      return;
    }
    kernel.pack_rows(a + row * a_stride, a_stride, row_count, inputs, packed_rows);
    for (; panel < end; panel += plan.step_panels) {
      if (team.is_cancelled()) return;
      const size_t column = panel * kernel.panel_width;
      const size_t last =
          std::min((std::min(panel + plan.step_panels, end)) * kernel.panel_width, weights.outputs());
      kernels::GemmBlock block{};
      block.inputs = inputs;
      block.row_count = row_count;
      block.rows = packed_rows;
      block.panels = static_cast<const std::byte*>(weights.panels()) + panel * kernel.panel_bytes(inputs);
      if (weights.scales() != nullptr)
        block.scales = static_cast<const std::byte*>(weights.scales()) + panel * kernel.panel_scale_bytes;
      block.outputs = last - column;
      block.epilogue = epilogue_at(epilogue, row, column);
      block.out = out + row * out_stride + column;
      block.out_stride = out_stride;
      kernel.multiply(block);
    }
  });
  if (team.is_cancelled()) return Status::cancelled;
  return no_memory.load() ? Status::out_of_memory : Status::ok;
}

}  // namespace weft::ops
