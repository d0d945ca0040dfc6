// See ops/gemm.h. Takes a stretch of rows at a time: first all threads pack its rows, then they share its
// results, cut into blocks of rows and outputs; before every call of a kernel they look whether to stop.
#include "ops/gemm.h"

#include <algorithm>

#include "core/scratch.h"
#include "ops/gemm_kernels.h"

namespace weft::ops {
namespace {

// Packed rows of a stretch: bounds the memory, and stays in the last cache level.
constexpr size_t kStretchBytes = size_t{4} << 20;
// Tasks per thread: enough that the last one does not keep a single thread busy for long.
constexpr size_t kTasksPerThread = 4;
// Multiply-adds below which a task costs more than it brings; a weight counts as if kLeastRows used it,
// because few rows wait for memory.
constexpr size_t kLeastTaskWork = size_t{1} << 19;
constexpr size_t kLeastRows = 8;
// Numbers that one thread packs in a few microseconds: no other is asked to help with fewer.
constexpr size_t kPackedPart = size_t{1} << 14;

constexpr size_t kAlignment = 64;

constexpr size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }

// The start of part `index` of `count` things cut into `parts` as even as possible.
constexpr size_t part_start(size_t count, size_t parts, size_t index) {
  return count / parts * index + std::min(index, count % parts);
}

// What does not change from stretch to stretch.
struct Product {
  Team& team;
  const kernels::Gemm& kernel;
  const float* a;
  size_t a_stride;
  const PackedMatrix& weights;
  const Epilogue& epilogue;
  float* out;
  size_t out_stride;

  size_t inputs() const { return weights.inputs(); }
  size_t panels() const { return divide_up(weights.outputs(), kernel.panel_width); }
  size_t panel_work() const { return inputs() * kernel.panel_width; }
};

// Rows `first` to `first` + `rows`, cut into blocks.
struct Stretch {
  size_t first;
  size_t rows;
  size_t row_blocks;
  size_t column_blocks;
  size_t block_bytes;  // of packed rows
  size_t call_panels;  // of one call of the kernel
  std::byte* packed;

  size_t row_of(size_t row_block) const { return part_start(rows, row_blocks, row_block); }
};

Epilogue epilogue_at(Epilogue epilogue, size_t row, size_t column) {
  if (epilogue.bias != nullptr) epilogue.bias += column;
  if (epilogue.column_scale != nullptr) epilogue.column_scale += column;
  if (epilogue.multiply != nullptr) epilogue.multiply += row * epilogue.multiply_stride + column;
  if (epilogue.residual != nullptr) epilogue.residual += row * epilogue.residual_stride + column;
  return epilogue;
}

// A panel is best read once for all rows: they are cut only where a call of the kernel would take too long or
// where there are too few panels for all threads.
Stretch plan_stretch(const Product& product, size_t first, size_t rows) {
  const kernels::Gemm& kernel = product.kernel;
  const size_t threads = product.team.size();
  const size_t panels = product.panels();
  const size_t quick_rows = std::max(kernel.tile_rows, kernel.block_work / product.panel_work());
  const size_t tiles = divide_up(rows, kernel.tile_rows);
  const size_t wanted = threads == 1 ? 1 : threads * kTasksPerThread;
  const size_t work = std::max(rows, kLeastRows) * panels * product.panel_work();
  const size_t tasks = std::max<size_t>(1, std::min(wanted, work / kLeastTaskWork));

  Stretch stretch{};
  stretch.first = first;
  stretch.rows = rows;
  stretch.row_blocks = std::max(divide_up(rows, quick_rows), std::min(tiles, divide_up(tasks, panels)));
  stretch.column_blocks = std::min(panels, divide_up(tasks, stretch.row_blocks));
  const size_t block_rows = divide_up(rows, stretch.row_blocks);
  const size_t block_bytes = kernel.packed_row_bytes(block_rows, product.inputs());
  stretch.block_bytes = divide_up(block_bytes, kAlignment) * kAlignment;
  stretch.call_panels = std::max<size_t>(1, kernel.block_work / (block_rows * product.panel_work()));
  return stretch;
}

void pack_stretch(const Product& product, const Stretch& stretch) {
  const size_t numbers = divide_up(stretch.rows, stretch.row_blocks) * product.inputs();
  const size_t parts = std::max<size_t>(1, numbers / kPackedPart);
  const auto pack = [&](size_t task) {
    if (product.team.is_cancelled()) return;
    const size_t block = task / parts;
    const size_t row = stretch.row_of(block);
    product.kernel.pack_rows(product.a + (stretch.first + row) * product.a_stride, product.a_stride,
                             stretch.row_of(block + 1) - row, product.inputs(), task % parts, parts,
                             stretch.packed + block * stretch.block_bytes);
  };
  product.team.parallel(stretch.row_blocks * parts, pack);
}

// Rows of one block times the panels from `panel` to `end`.
void multiply_panels(const Product& product, const Stretch& stretch, size_t row_block, size_t panel,
                     size_t end) {
  const kernels::Gemm& kernel = product.kernel;
  const PackedMatrix& weights = product.weights;
  const size_t row = stretch.first + stretch.row_of(row_block);
  const size_t column = panel * kernel.panel_width;
  kernels::GemmBlock block{};
  block.inputs = weights.inputs();
  block.row_count = stretch.row_of(row_block + 1) - stretch.row_of(row_block);
  block.rows = stretch.packed + row_block * stretch.block_bytes;
  block.panels =
      static_cast<const std::byte*>(weights.panels()) + panel * kernel.panel_bytes(weights.inputs());
  if (weights.scales() != nullptr)
    block.scales = static_cast<const std::byte*>(weights.scales()) + panel * kernel.panel_scale_bytes;
  block.outputs = std::min(end * kernel.panel_width, weights.outputs()) - column;
  block.epilogue = epilogue_at(product.epilogue, row, column);
  block.out = product.out + row * product.out_stride + column;
  block.out_stride = product.out_stride;
  kernel.multiply(block);
}

void multiply_stretch(const Product& product, const Stretch& stretch) {
  // Neighbouring tasks read the same weights: they come from memory once.
  product.team.parallel(stretch.row_blocks * stretch.column_blocks, [&](size_t task) {
    const size_t column_block = task / stretch.row_blocks;
    size_t panel = part_start(product.panels(), stretch.column_blocks, column_block);
    const size_t end = part_start(product.panels(), stretch.column_blocks, column_block + 1);
    for (; panel < end; panel += stretch.call_panels) {
      if (product.team.is_cancelled()) return;
      multiply_panels(product, stretch, task % stretch.row_blocks, panel,
                      std::min(panel + stretch.call_panels, end));
    }
  });
}

}  // namespace

Status gemm(Team& team, const dispatch::KernelTable& table, size_t rows, const float* a, size_t a_stride,
            const PackedMatrix& weights, const Epilogue& epilogue, float* out, size_t out_stride) noexcept {
  if (team.is_cancelled()) return Status::cancelled;
  if (rows == 0) return Status::ok;
  const kernels::Gemm& kernel = gemm_kernels(table, weights.precision());
  const Product product{team, kernel, a, a_stride, weights, epilogue, out, out_stride};
  const size_t stretches = divide_up(kernel.packed_row_bytes(rows, weights.inputs()), kStretchBytes);
  for (size_t index = 0; index < std::min(stretches, rows); ++index) {
    const size_t first = part_start(rows, std::min(stretches, rows), index);
    const size_t count = part_start(rows, std::min(stretches, rows), index + 1) - first;
    Stretch stretch = plan_stretch(product, first, count);
    // No body of a loop below asks for scratch memory, so this thread's serves all of them.
    stretch.packed = static_cast<std::byte*>(thread_scratch(stretch.row_blocks * stretch.block_bytes));
    if (stretch.packed == nullptr) return Status::out_of_memory;
    pack_stretch(product, stretch);
    multiply_stretch(product, stretch);
    if (team.is_cancelled()) return Status::cancelled;
  }
  return Status::ok;
}

}  // namespace weft::ops
