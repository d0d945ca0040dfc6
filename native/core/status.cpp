// The message table of core/status.h.
#include "core/status.h"

#include <cstddef>

namespace weft {
namespace {

struct Entry {
  Status status;
  const char* code;
  const char* message;
};

constexpr Entry kEntries[] = {
    {Status::ok, "ok", "no error"},
    {Status::invalid_argument, "native/bad-argument", "an argument was refused"},
    {Status::out_of_memory, "native/out-of-memory", "there is not enough memory"},
    {Status::cancelled, "run/cancelled", "it was cancelled"},
    {Status::unknown_isa, "native/bad-isa", "no instruction set has that name"},
    {Status::unsupported_isa, "native/bad-isa", "this processor lacks that instruction set"},
    {Status::invalid_threads, "native/bad-threads", "the number of threads is out of range"},
    {Status::no_threads, "native/failed", "the system refused to start a thread"},
    {Status::not_finite, "native/not-finite", "one is NaN or infinite"},
    {Status::bad_file, "input/bad-file", "the file is not as expected"},
    {Status::token_out_of_range, "native/out-of-range", "a token or segment id is not in its table"},
    {Status::position_out_of_range, "native/out-of-range", "a position is beyond the table of positions"},
    {Status::wrong_cache, "native/wrong-cache", "the cache was made by another stack"},
    {Status::cache_in_use, "native/wrong-cache", "another run that has not ended uses the cache"},
    {Status::missing_memory, "native/failed", "a cross-attention has no memory to read"},
    {Status::released, "native/released", "the handle was released"},
    {Status::internal, "native/failed", "an internal check failed"},
};

constexpr bool entries_follow_the_enumeration() {
  for (size_t index = 0; index < sizeof(kEntries) / sizeof(kEntries[0]); ++index) {
    if (static_cast<size_t>(kEntries[index].status) != index) return false;
  }
  return sizeof(kEntries) / sizeof(kEntries[0]) == static_cast<size_t>(Status::internal) + 1;
}
static_assert(entries_follow_the_enumeration());

}  // namespace

const char* status_code(Status status) noexcept { return kEntries[static_cast<size_t>(status)].code; }

const char* status_message(Status status) noexcept { return kEntries[static_cast<size_t>(status)].message; }

}  // namespace weft
