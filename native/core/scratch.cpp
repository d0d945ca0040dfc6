// See core/scratch.h.
#include "core/scratch.h"

#include "core/buffer.h"

namespace weft {
namespace {

constexpr size_t kStep = size_t{1} << 16;

}  // namespace

void* thread_scratch(size_t bytes) noexcept {
  thread_local Buffer buffer;
  if (buffer.bytes() < bytes) {
    buffer = Buffer();
    if (Buffer::allocate((bytes + kStep - 1) / kStep * kStep, buffer) != Status::ok) return nullptr;
  }
  return buffer.data();
}

}  // namespace weft
