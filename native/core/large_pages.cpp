// See core/large_pages.h.
#include "core/large_pages.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#endif

namespace weft {

#if defined(__linux__)

namespace {

// A large page of x86 and of ARM with 4 KiB granules; smaller blocks would gain nothing.
constexpr size_t kLeastBytes = size_t{2} << 20;

}  // namespace

void prefer_large_pages(void* data, size_t bytes) noexcept {
  if (data == nullptr || bytes < kLeastBytes) return;
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t start = (reinterpret_cast<uintptr_t>(data) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + bytes) / page * page;
  ::madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE);
}

#else

void prefer_large_pages(void*, size_t) noexcept {}

#endif

}  // namespace weft
