// See ops/arrange.h; permute_axes is in ops/permute_axes.cpp.
#include "ops/arrange.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "ops/row_blocks.h"

namespace weft::ops {

Status gather_rows(Team& team, size_t rows, size_t width, const float* in, std::span<const int32_t> indices,
                   float* out) noexcept {
  std::atomic<bool> all_there{true};
  for_row_blocks(team, indices.size(), width, [&](size_t first, size_t count) {
    for (size_t row = first; row < first + count; ++row) {
      const int32_t index = indices[row];
      float* to = out + row * width;
      if (index == kNoRow) {
        std::fill_n(to, width, 0.0f);
      } else if (index < 0 || static_cast<size_t>(index) >= rows) {
        all_there.store(false, std::memory_order_relaxed);
      } else {
        std::copy_n(in + static_cast<size_t>(index) * width, width, to);
      }
    }
  });
  return all_there.load() ? Status::ok : Status::invalid_argument;
}

void concat(Team& team, size_t rows, std::span<const ConcatPart> parts, float* out) noexcept {
  size_t out_width = 0;
  for (const ConcatPart& part : parts) out_width += part.width;
  for (const ConcatPart& part : parts) {
    // One long row is shared among the threads as many short ones are.
    for_row_blocks(team, rows * part.width, 1, [&](size_t first, size_t count) {
      for (size_t place = first; place < first + count;) {
        const size_t column = place % part.width;
        const size_t length = std::min(part.width - column, first + count - place);
        std::copy_n(part.rows + place, length, out + place / part.width * out_width + column);
        place += length;
      }
    });
    out += part.width;
  }
}

}  // namespace weft::ops
