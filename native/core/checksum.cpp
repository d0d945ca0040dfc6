// See core/checksum.h. Eight lanes, so that one multiplication need not wait for the one before: each step is
// a bijection of the lane for a given word and of the word for a given lane, so a changed word cannot vanish.
#include "core/checksum.h"

#include <bit>
#include <cstring>

namespace weft {
namespace {

constexpr size_t kLanes = 8;
constexpr size_t kBlock = kLanes * sizeof(uint64_t);
// Odd, and near 2^64 divided by the golden ratio: every bit of a word reaches the upper half.
constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15u;

uint64_t step(uint64_t state, uint64_t word) { return std::rotl(state ^ word, 29) * kMultiplier; }

void add_block(uint64_t (&lanes)[kLanes], const unsigned char* block) {
  uint64_t words[kLanes];
  std::memcpy(words, block, kBlock);
  for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = step(lanes[lane], words[lane]);
}

}  // namespace

uint64_t checksum(const void* data, size_t bytes, uint64_t seed) noexcept {
  const auto* place = static_cast<const unsigned char*>(data);
  uint64_t lanes[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = seed + lane * kMultiplier;
  size_t done = 0;
  for (; bytes - done >= kBlock; done += kBlock) add_block(lanes, place + done);
  if (done < bytes) {
    // Zeros fill the last block; the length tells them from zeros that were there.
    unsigned char last[kBlock] = {};
    std::memcpy(last, place + done, bytes - done);
    add_block(lanes, last);
  }
  uint64_t sum = step(seed, bytes);
  for (const uint64_t lane : lanes) sum = step(sum, lane);
  return sum ^ (sum >> 32);
}

}  // namespace weft
