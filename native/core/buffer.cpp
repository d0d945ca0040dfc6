// See core/buffer.h. What is used and what is kept together stay below the limit.
#include "core/buffer.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <new>

#include "core/kept_blocks.h"
#include "core/large_pages.h"

namespace weft {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kReadableAfterEnd = 64;
constexpr size_t kMostKept = size_t{256} << 20;

struct Pool {
  std::mutex mutex;
  MemoryUsage usage{0, 0, 0, SIZE_MAX};
  KeptBlocks kept;

  // Blocks to free once unlocked.
  void* trim(size_t most_kept) noexcept {
    const size_t room = usage.limit > usage.used ? usage.limit - usage.used : 0;
    return kept.evict(std::min(most_kept, room));
  }
};

Pool& pool() noexcept {
  // Never destroyed: buffers of static life may be released after main.
  alignas(Pool) static unsigned char place[sizeof(Pool)];
  static Pool* const instance = new (place) Pool();
  return *instance;
}

void* system_allocate(size_t block) noexcept {
  void* data = ::operator new (block + kReadableAfterEnd, std::align_val_t{kAlignment}, std::nothrow);
  prefer_large_pages(data, block);
  return data;
}

void system_free(void* data) noexcept { ::operator delete (data, std::align_val_t{kAlignment}); }

void free_chain(void* chain) noexcept {
  while (chain != nullptr) {
    void* block = chain;
    chain = KeptBlocks::next_of_chain(block);
    system_free(block);
  }
}

// Counts `block` as used where the limit allows it, and takes a kept one when there is.
Status reserve(size_t block, void*& data) noexcept {
  Pool& shared = pool();
  void* chain = nullptr;
  {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    const MemoryUsage& usage = shared.usage;
    if (block > usage.limit || usage.used > usage.limit - block) return Status::out_of_memory;
    data = shared.kept.take(block);
    shared.usage.used += block;
    if (data != nullptr) {
      shared.usage.peak = std::max(usage.peak, usage.used);
    } else {
      chain = shared.trim(kMostKept);
    }
  }
  free_chain(chain);
  return Status::ok;
}

}  // namespace

MemoryUsage memory_usage() noexcept {
  Pool& shared = pool();
  const std::lock_guard<std::mutex> lock(shared.mutex);
  MemoryUsage usage = shared.usage;
  usage.kept = shared.kept.bytes();
  return usage;
}

void set_memory_limit(size_t bytes) noexcept {
  Pool& shared = pool();
  void* chain = nullptr;
  {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    shared.usage.limit = bytes;
    chain = shared.trim(kMostKept);
  }
  free_chain(chain);
}

void release_kept_memory() noexcept {
  Pool& shared = pool();
  void* chain = nullptr;
  {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    chain = shared.trim(0);
  }
  free_chain(chain);
}

Status Buffer::allocate(size_t bytes, Buffer& buffer) noexcept {
  if (bytes > SIZE_MAX / 2) return Status::out_of_memory;
  const size_t block = KeptBlocks::block_size(std::max<size_t>(bytes, 1));
  void* data = nullptr;
  const Status status = reserve(block, data);
  if (status != Status::ok) return status;
  if (data == nullptr) {
    data = system_allocate(block);
    if (data == nullptr) {
      release_kept_memory();
      data = system_allocate(block);
    }
    MemoryUsage& usage = pool().usage;
    const std::lock_guard<std::mutex> lock(pool().mutex);
    if (data == nullptr) {
      usage.used -= block;
      return Status::out_of_memory;
    }
    usage.peak = std::max(usage.peak, usage.used);
  }
  Buffer allocated;
  allocated.data_ = data;
  allocated.bytes_ = block;
  buffer = std::move(allocated);
  return Status::ok;
}

void Buffer::release() noexcept {
  if (data_ == nullptr) return;
  Pool& shared = pool();
  void* chain = nullptr;
  const bool is_kept = bytes_ >= KeptBlocks::kLeastBytes && bytes_ <= kMostKept;
  {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    shared.usage.used -= bytes_;
    if (is_kept) {
      shared.kept.keep(data_, bytes_);
      chain = shared.trim(kMostKept);
    }
  }
  free_chain(chain);
  if (!is_kept) system_free(data_);
  data_ = nullptr;
  bytes_ = 0;
}

}  // namespace weft
