// The best few of many scores, kept in a bounded heap whose worst is on top. Must not allocate: the memory is
// the caller's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace weft::ops {

struct Scored {
  float score;
  int32_t place;
};

// Whether `a` ranks before `b`: the higher score, of equal ones the earlier place.
inline bool ranks_before(const Scored& a, const Scored& b) {
  return a.score > b.score || (a.score == b.score && a.place < b.place);
}

class BestFew {
 public:
  // `memory` has room for `capacity`.
  BestFew(Scored* memory, size_t capacity) : memory_(memory), capacity_(capacity) {}

  // What a score must exceed, or equal from an earlier place, to get in.
  float threshold() const { return threshold_; }

  void offer(Scored candidate) {
    if (count_ < capacity_) {
      memory_[count_++] = candidate;
      std::push_heap(memory_, memory_ + count_, ranks_before);
    } else if (capacity_ != 0 && ranks_before(candidate, memory_[0])) {
      std::pop_heap(memory_, memory_ + count_, ranks_before);
      memory_[count_ - 1] = candidate;
      std::push_heap(memory_, memory_ + count_, ranks_before);
    }
    if (count_ == capacity_ && capacity_ != 0) threshold_ = memory_[0].score;
  }

  // Best first; nothing may be offered afterwards.
  void sort() { std::sort_heap(memory_, memory_ + count_, ranks_before); }

  size_t count() const { return count_; }
  const Scored* begin() const { return memory_; }

 private:
  Scored* memory_;
  size_t capacity_;
  size_t count_ = 0;
  float threshold_ = -std::numeric_limits<float>::infinity();
};

}  // namespace weft::ops
