// Freed blocks that wait for the next request of their size; the one unused longest goes first. The lists lie
// in the blocks themselves, so keeping one needs no memory. Not safe to share: its owner locks.
#pragma once

#include <cstddef>

namespace weft {

class KeptBlocks {
 public:
  // Large enough for the links.
  static constexpr size_t kLeastBytes = size_t{1} << 15;

  // Blocks come in sizes with three significant bits: nearly equal requests share them, at most an eighth is
  // wasted (64 bytes for the smallest). `bytes` at most SIZE_MAX / 2.
  static size_t block_size(size_t bytes) noexcept;

  // A block of exactly this size, no longer kept; null when there is none.
  void* take(size_t block_bytes) noexcept;

  // Keeps a block of block_size(...) >= kLeastBytes bytes.
  void keep(void* block, size_t block_bytes) noexcept;

  // Takes out the blocks unused longest until at most `most_bytes` are kept; returns them as a chain.
  void* evict(size_t most_bytes) noexcept;

  // The block after this one in an evicted chain, or null.
  static void* next_of_chain(void* block) noexcept;

  size_t bytes() const noexcept { return bytes_; }

 private:
  struct Links;
  void unlink(Links& block) noexcept;

  // Four sizes between two powers of two.
  static constexpr size_t kSizes = 64 * 4;
  static size_t size_index(size_t block_bytes) noexcept;

  Links* newest_of_size_[kSizes] = {};
  Links* newest_ = nullptr;
  Links* oldest_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace weft
