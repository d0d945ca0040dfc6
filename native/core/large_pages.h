// Large pages for large blocks: weights are streamed once per run, and with small pages every few kilobytes
// of them cost a walk through the page tables.
#pragma once

#include <cstddef>

namespace weft {

// Asks the system to back a block with large pages when it is first written; does nothing for small blocks
// and where the system has none to ask for. Failure is no error: the block stays as it is.
void prefer_large_pages(void* data, size_t bytes) noexcept;

}  // namespace weft
