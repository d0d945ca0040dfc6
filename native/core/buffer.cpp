// See core/buffer.h. Blocks come in sizes with three significant bits, so that nearly equal requests share
// them.
#include "core/buffer.h"

#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

namespace weft {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kReadableAfterEnd = 64;
// Below this the allocator of the system is quick enough.
constexpr size_t kLeastKept = size_t{1} << 15;
constexpr size_t kMostKept = size_t{256} << 20;

struct Pool {
  std::mutex mutex;
  MemoryUsage usage{0, 0, 0, SIZE_MAX};
  std::unordered_map<size_t, std::vector<void*>> free;
};

Pool& pool() {
  // Never destroyed: buffers of static life may be released after main.
  static Pool* const instance = new Pool();
  return *instance;
}

size_t block_size(size_t bytes) {
  size_t step = kAlignment;
  while (step * 8 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void* system_allocate(size_t block) {
  return ::operator new (block + kReadableAfterEnd, std::align_val_t{kAlignment}, std::nothrow);
}

void system_free(void* data) { ::operator delete (data, std::align_val_t{kAlignment}); }

}  // namespace

MemoryUsage memory_usage() noexcept {
  const std::lock_guard<std::mutex> lock(pool().mutex);
  return pool().usage;
}

void set_memory_limit(size_t bytes) noexcept {
  const std::lock_guard<std::mutex> lock(pool().mutex);
  pool().usage.limit = bytes;
}

void release_kept_memory() noexcept {
  std::unordered_map<size_t, std::vector<void*>> free;
  {
    const std::lock_guard<std::mutex> lock(pool().mutex);
    free.swap(pool().free);
    pool().usage.kept = 0;
  }
  for (const auto& [size, blocks] : free) {
    for (void* block : blocks) system_free(block);
  }
}

Status Buffer::allocate(size_t bytes, Buffer& buffer) noexcept {
  if (bytes == 0) bytes = 1;
  if (bytes > SIZE_MAX / 2) return Status::out_of_memory;
  const size_t block = block_size(bytes);
  void* data = nullptr;
  {
    Pool& shared = pool();
    const std::lock_guard<std::mutex> lock(shared.mutex);
    if (block > shared.usage.limit || shared.usage.used > shared.usage.limit - block)
      return Status::out_of_memory;
    shared.usage.used += block;
    if (shared.usage.used > shared.usage.peak) shared.usage.peak = shared.usage.used;
    const auto found = shared.free.find(block);
    if (found != shared.free.end() && !found->second.empty()) {
      data = found->second.back();
      found->second.pop_back();
      shared.usage.kept -= block;
    }
  }
  if (data == nullptr) data = system_allocate(block);
  if (data == nullptr) {
    release_kept_memory();
    data = system_allocate(block);
  }
  if (data == nullptr) {
    const std::lock_guard<std::mutex> lock(pool().mutex);
    pool().usage.used -= block;
    return Status::out_of_memory;
  }
  Buffer allocated;
  allocated.data_ = data;
  allocated.bytes_ = block;
  buffer = std::move(allocated);
  return Status::ok;
}

void Buffer::release() noexcept {
  if (data_ == nullptr) return;
  {
    Pool& shared = pool();
    const std::lock_guard<std::mutex> lock(shared.mutex);
    shared.usage.used -= bytes_;
    if (bytes_ >= kLeastKept && shared.usage.kept + bytes_ <= kMostKept) {
      try {
        shared.free[bytes_].push_back(data_);
        shared.usage.kept += bytes_;
        data_ = nullptr;
      } catch (...) {
        // No memory for the list: the block goes back to the system.
      }
    }
  }
  if (data_ != nullptr) system_free(data_);
  data_ = nullptr;
  bytes_ = 0;
}

}  // namespace weft
