// Axes in another order. Axes that stay together are one; what is left is a loop over long rows where the
// last axis stays the last, and over transposed matrices where it does not. See ops/arrange.h.
#include <algorithm>
#include <array>

#include "ops/arrange.h"
#include "ops/row_blocks.h"

namespace weft::ops {
namespace {

// Parts of a transposed matrix: narrow enough to share one matrix among threads, wide enough for whole cache
// lines on both sides.
constexpr size_t kPartRows = 1024;
constexpr size_t kPartColumns = 64;

// An axis of the result: its length and how far apart its numbers are on both sides.
struct Axis {
  size_t side = 1;
  size_t in_stride = 1;
  size_t out_stride = 1;
};

struct Axes {
  std::array<Axis, kMostAxes> list;
  size_t count = 0;

  void push(const Axis& axis) { list[count++] = axis; }
  Axis take(size_t index) {
    const Axis taken = list[index];
    std::copy(list.begin() + index + 1, list.begin() + count, list.begin() + index);
    --count;
    return taken;
  }
  size_t product() const {
    size_t sides = 1;
    for (size_t axis = 0; axis < count; ++axis) sides *= list[axis].side;
    return sides;
  }
  // Where number `index` of the loop over these axes begins.
  void place(size_t index, size_t& in, size_t& out) const {
    in = out = 0;
    for (size_t axis = count; axis-- > 0;) {
      const size_t position = index % list[axis].side;
      index /= list[axis].side;
      in += position * list[axis].in_stride;
      out += position * list[axis].out_stride;
    }
  }
};

bool is_permutation(std::span<const size_t> axes, size_t count) {
  if (axes.size() != count || count > kMostAxes) return false;
  std::array<bool, kMostAxes> seen{};
  for (const size_t axis : axes) {
    if (axis >= count || seen[axis]) return false;
    seen[axis] = true;
  }
  return true;
}

// The axes of the result without sides of 1, neighbours that were neighbours joined.
Axes merge(std::span<const size_t> shape, std::span<const size_t> order) {
  std::array<size_t, kMostAxes> in_strides{};
  size_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) in_strides[axis] = stride;
  Axes merged;
  for (const size_t axis : order) {
    if (shape[axis] == 1) continue;
    Axis* last = merged.count == 0 ? nullptr : &merged.list[merged.count - 1];
    if (last != nullptr && last->in_stride == shape[axis] * in_strides[axis]) {
      last->side *= shape[axis];
      last->in_stride = in_strides[axis];
    } else {
      merged.push({shape[axis], in_strides[axis], 1});
    }
  }
  stride = 1;
  for (size_t axis = merged.count; axis-- > 0; stride *= merged.list[axis].side) {
    merged.list[axis].out_stride = stride;
  }
  return merged;
}

void copy_rows(Team& team, const Axes& outer, size_t width, const float* in, float* out) {
  for_row_blocks(team, outer.product(), width, [&](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      size_t from = 0, to = 0;
      outer.place(row, from, to);
      std::copy_n(in + from, width, out + to);
    }
  });
}

// Matrices whose rows are the result's last axis and whose columns are the input's.
void transpose_matrices(Team& team, const dispatch::KernelTable& table, const Axes& outer, const Axis& rows,
                        const Axis& columns, const float* in, float* out) {
  const size_t high = (rows.side + kPartRows - 1) / kPartRows;
  const size_t wide = (columns.side + kPartColumns - 1) / kPartColumns;
  const size_t numbers = std::min(rows.side, kPartRows) * std::min(columns.side, kPartColumns);
  for_row_blocks(team, outer.product() * high * wide, numbers, [&](size_t first, size_t count) {
    for (size_t part = first; part < first + count; ++part) {
      size_t from = 0, to = 0;
      outer.place(part / (high * wide), from, to);
      const size_t row = part / wide % high * kPartRows, column = part % wide * kPartColumns;
      table.transpose_f32->transpose(std::min(kPartRows, rows.side - row),
                                     std::min(kPartColumns, columns.side - column),
                                     in + from + row * rows.in_stride + column, rows.in_stride,
                                     out + to + column * columns.out_stride + row, columns.out_stride);
    }
  });
}

}  // namespace

Status permute_axes(Team& team, const dispatch::KernelTable& table, std::span<const size_t> shape,
                    std::span<const size_t> axes, const float* in, float* out) noexcept {
  if (!is_permutation(axes, shape.size())) return Status::invalid_argument;
  if (std::find(shape.begin(), shape.end(), size_t{0}) != shape.end()) return Status::ok;
  Axes merged = merge(shape, axes);
  // Axes in their old order (and a single number) have become one axis or none.
  const Axis last = merged.count == 0 ? Axis{} : merged.take(merged.count - 1);
  if (last.in_stride == 1) {
    copy_rows(team, merged, last.side, in, out);
    return Status::ok;
  }
  size_t innermost = 0;
  while (merged.list[innermost].in_stride != 1) ++innermost;
  const Axis columns = merged.take(innermost);
  transpose_matrices(team, table, merged, last, columns, in, out);
  return Status::ok;
}

}  // namespace weft::ops
