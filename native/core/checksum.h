// A quick checksum against accidents (cut files, flipped bits), at the speed of memory. Not against people.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

// Any change within one word of 8 bytes changes it; `seed` chains several.
uint64_t checksum(const void* data, size_t bytes, uint64_t seed = 0) noexcept;

}  // namespace weft
