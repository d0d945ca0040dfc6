// Memory of the addon, accounted for and bounded. Freed blocks are kept for the next request of their size up
// to a limit: fresh pages cost more than the arithmetic on them.
#pragma once

#include <cstddef>
#include <utility>

#include "core/status.h"

namespace weft {

struct MemoryUsage {
  size_t used = 0;   // bytes in buffers
  size_t peak = 0;   // the most `used` has been
  size_t kept = 0;   // bytes of freed blocks that wait for the next request
  size_t limit = 0;  // most bytes used and kept together
};

MemoryUsage memory_usage() noexcept;

// Most bytes that buffers may hold together; what is there already stays.
void set_memory_limit(size_t bytes) noexcept;

// Gives the kept blocks back to the system.
void release_kept_memory() noexcept;

// Owns one block aligned to 64 bytes, contents undefined.
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { release(); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      release();
      data_ = std::exchange(other.data_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }

  // out_of_memory beyond the limit or when the system has none; 64 bytes after the end may be read.
  static Status allocate(size_t bytes, Buffer& buffer) noexcept;

  void* data() const noexcept { return data_; }
  float* floats() const noexcept { return static_cast<float*>(data_); }
  size_t bytes() const noexcept { return bytes_; }

 private:
  void release() noexcept;

  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace weft
