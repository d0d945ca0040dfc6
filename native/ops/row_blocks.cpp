// See ops/row_blocks.h.
#include "ops/row_blocks.h"

#include <algorithm>

namespace weft::ops {

void for_row_blocks(Team& team, size_t rows, size_t numbers,
                    FunctionRef<void(size_t first, size_t count)> body) noexcept {
  const size_t height = std::max<size_t>(1, kRowBlockNumbers / std::max<size_t>(1, numbers));
  const size_t blocks = rows / height + (rows % height != 0);
  team.parallel(blocks, [&](size_t block) {
    if (team.is_cancelled()) return;
    const size_t first = block * height;
    body(first, std::min(height, rows - first));
  });
}

}  // namespace weft::ops
