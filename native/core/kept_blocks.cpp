// See core/kept_blocks.h. Two lists go through every block: all by age, and those of its size by age.
#include "core/kept_blocks.h"

#include <bit>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_POISONS 1
#endif
#endif
#if defined(WEFT_POISONS)
#include <sanitizer/asan_interface.h>
#endif

namespace weft {

struct KeptBlocks::Links {
  size_t bytes;
  Links* older;
  Links* newer;
  Links* older_of_size;
  Links* newer_of_size;
};

namespace {

constexpr size_t kStep = 64;

// Whoever uses a block after its release is told by AddressSanitizer, as if the system had it.
template <size_t Spared>
void poison([[maybe_unused]] void* block, [[maybe_unused]] size_t bytes) noexcept {
#if defined(WEFT_POISONS)
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(block) + Spared, bytes - Spared);
#endif
}

void unpoison([[maybe_unused]] void* block, [[maybe_unused]] size_t bytes) noexcept {
#if defined(WEFT_POISONS)
  ASAN_UNPOISON_MEMORY_REGION(block, bytes);
#endif
}

}  // namespace

size_t KeptBlocks::block_size(size_t bytes) noexcept {
  size_t step = kStep;
  while (step * 8 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

// Sizes are 5, 6, 7 or 8 steps, the step a power of two.
size_t KeptBlocks::size_index(size_t block_bytes) noexcept {
  const auto power = static_cast<size_t>(std::bit_width(block_bytes - 1));
  return power * 4 + ((block_bytes - 1) >> (power - 3)) - 4;
}

void KeptBlocks::unlink(Links& block) noexcept {
  (block.newer != nullptr ? block.newer->older : newest_) = block.older;
  (block.older != nullptr ? block.older->newer : oldest_) = block.newer;
  (block.newer_of_size != nullptr ? block.newer_of_size->older_of_size
                                  : newest_of_size_[size_index(block.bytes)]) = block.older_of_size;
  if (block.older_of_size != nullptr) block.older_of_size->newer_of_size = block.newer_of_size;
  bytes_ -= block.bytes;
  unpoison(&block, block.bytes);
}

void* KeptBlocks::take(size_t block_bytes) noexcept {
  if (block_bytes < kLeastBytes) return nullptr;
  Links* block = newest_of_size_[size_index(block_bytes)];
  if (block != nullptr) unlink(*block);
  return block;
}

void KeptBlocks::keep(void* block, size_t block_bytes) noexcept {
  Links*& newest_of_size = newest_of_size_[size_index(block_bytes)];
  Links* links = new (block) Links{block_bytes, newest_, nullptr, newest_of_size, nullptr};
  (newest_ != nullptr ? newest_->newer : oldest_) = links;
  if (newest_of_size != nullptr) newest_of_size->newer_of_size = links;
  newest_ = links;
  newest_of_size = links;
  bytes_ += block_bytes;
  poison<sizeof(Links)>(block, block_bytes);
}

void* KeptBlocks::evict(size_t most_bytes) noexcept {
  Links* chain = nullptr;
  while (bytes_ > most_bytes) {
    Links* block = oldest_;
    unlink(*block);
    block->older = chain;
    chain = block;
  }
  return chain;
}

void* KeptBlocks::next_of_chain(void* block) noexcept { return static_cast<Links*>(block)->older; }

}  // namespace weft
