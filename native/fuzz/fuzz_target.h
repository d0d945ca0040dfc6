// What a fuzz target provides, and how it reads its input. A target traps where something does not hold.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

// libFuzzer's entry: any bytes, 0 to be returned.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace weft::fuzz {

using Bytes = std::vector<uint8_t>;

// Inputs that reach far, to begin with.
std::vector<Bytes> seeds();

inline void expect(bool holds) {
  if (!holds) __builtin_trap();
}

// Makes numbers of bytes; beyond the end every byte is 0.
class ByteReader {
 public:
  ByteReader(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint64_t bits(size_t bytes) {
    uint64_t value = 0;
    for (size_t index = 0; index < bytes; ++index) {
      value = value << 8 | (place_ < size_ ? data_[place_] : 0u);
      ++place_;
    }
    return value;
  }
  // In [first, last].
  int between(int first, int last) {
    return first + static_cast<int>(bits(2) % static_cast<uint64_t>(last - first + 1));
  }
  bool one_in(uint64_t count) { return bits(1) % count == 1 % count; }
  // In [0, 1].
  double fraction() { return static_cast<double>(bits(2)) / 65535.0; }
  // Any double, NaN and infinities among them.
  double any_double() { return std::bit_cast<double>(bits(8)); }
  float any_float() { return std::bit_cast<float>(static_cast<uint32_t>(bits(4))); }
  int any_int() { return std::bit_cast<int>(static_cast<uint32_t>(bits(4))); }

  const uint8_t* rest() const { return data_ + (place_ < size_ ? place_ : size_); }
  size_t rest_size() const { return place_ < size_ ? size_ - place_ : 0; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t place_ = 0;
};

}  // namespace weft::fuzz
