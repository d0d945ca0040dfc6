// Working memory of one thread: grows to the largest request and is kept, so that no kernel allocates while
// it runs.
#pragma once

#include <cstddef>

namespace weft {

// `bytes` bytes, aligned to 64, contents undefined, valid until this thread asks again or ends; null when
// there is no memory. One request per piece of work: cut it into parts yourself.
void* thread_scratch(size_t bytes) noexcept;

}  // namespace weft
