// See ops/attention_pieces.h.
#include "ops/attention_pieces.h"

#include <algorithm>
#include <atomic>

#include "core/scratch.h"
#include "ops/attention_blocks.h"

namespace weft::ops {
namespace {

// Multiply-adds that are worth asking another thread for: about 2 microseconds.
constexpr double kLeastWork = 100000.0;
// Pieces that end at different times keep all threads busy until nearly the end.
constexpr size_t kPiecesPerThread = 4;
// Kernels take scores in base 2.
constexpr float kLog2OfE = 1.44269504f;

}  // namespace

Status for_each_piece(Team& team, const kernels::AttentionF32& kernels, size_t head_size, float scale,
                      size_t groups, size_t queries, double work,
                      FunctionRef<void(const StreamContext&, const Piece&)> body) noexcept {
  if (groups == 0 || queries == 0) return Status::ok;
  const size_t block = kernels::kMostQueryVectors * kernels.lanes;
  const size_t rest = queries % block;
  const bool joined = rest == 0 || (queries > block && block_share(kernels, head_size, rest) == 0);
  const size_t blocks = queries / block + (joined ? 0 : 1);
  // A piece brings its keys together for all its blocks: few pieces in a group, but enough for all threads.
  const size_t wanted = (kPiecesPerThread * team.size() + groups - 1) / groups;
  const size_t most = most_blocks(kernels, head_size);
  const size_t per_group = std::max((blocks + most - 1) / most, std::min(blocks, wanted));
  const size_t pieces = groups * per_group;
  const size_t shares = std::min(pieces, std::max(size_t{1}, static_cast<size_t>(work / kLeastWork)));
  std::atomic<bool> no_memory{false};
  team.parallel(shares, [&](size_t share) {
    void* scratch = thread_scratch(attention_scratch_bytes(kernels, head_size));
    if (scratch == nullptr) {
      no_memory.store(true, std::memory_order_relaxed);
      return;
    }
    const StreamContext context{kernels, team, head_size, scale * kLog2OfE, static_cast<float*>(scratch)};
    for (size_t at = share * pieces / shares; at < (share + 1) * pieces / shares; ++at) {
      if (team.is_cancelled()) return;
      const size_t part = at % per_group;
      const size_t from = part * blocks / per_group * block;
      const size_t to = (part + 1) * blocks / per_group * block;
      body(context, {at / per_group, from, part + 1 == per_group ? queries : to});
    }
  });
  if (no_memory.load(std::memory_order_relaxed)) return Status::out_of_memory;
  return team.is_cancelled() ? Status::cancelled : Status::ok;
}

}  // namespace weft::ops
