// See ops/tile_workers.h.
#include "ops/tile_workers.h"

#include <algorithm>
#include <atomic>

#include "core/buffer.h"

namespace weft::ops {

Status for_tiles(Team& team, size_t tiles, size_t slot_floats,
                 FunctionRef<Status(size_t tile, float* slot)> body) noexcept {
  constexpr size_t kFloatsPerLine = 16;
  const size_t slot = (slot_floats + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine;
  const size_t workers = std::min<size_t>(team.size(), tiles);
  Buffer slots;
  if (slot != 0 && workers != 0) {
    const Status allocated = Buffer::allocate(workers * slot * sizeof(float), slots);
    if (allocated != Status::ok) return allocated;
  }
  std::atomic<size_t> next{0};
  std::atomic<Status> result{Status::ok};
  team.parallel(workers, [&](size_t worker) {
    float* own = slots.floats() + worker * slot;
    while (result.load(std::memory_order_relaxed) == Status::ok) {
      const size_t tile = next.fetch_add(1, std::memory_order_relaxed);
      if (tile >= tiles) return;
      const Status status = team.is_cancelled() ? Status::cancelled : body(tile, own);
      Status expected = Status::ok;
      if (status != Status::ok) result.compare_exchange_strong(expected, status);
    }
  });
  return result.load();
}

}  // namespace weft::ops
