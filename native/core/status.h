// Status codes of everything below addon/, and their messages.
// Must not include Node-API; nothing here throws, prints or exits.
#pragma once

#include <cstdint>

namespace weft {

enum class Status : uint8_t {
  ok,
  invalid_argument,
  out_of_memory,
  cancelled,
  unknown_isa,
  unsupported_isa,
  invalid_threads,
  no_threads,
  not_finite,
  bad_file,
  token_out_of_range,
  position_out_of_range,
  wrong_cache,
  cache_in_use,
  missing_memory,
  released,
  internal,
};

// The catalogue code that src/errors.ts knows, without arguments; never null.
const char* status_code(Status status) noexcept;

// One clause for a person, to be completed by the caller; never null.
const char* status_message(Status status) noexcept;

}  // namespace weft
