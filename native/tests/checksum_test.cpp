// The checksum sees every flipped bit, cut and swap, and is the same at every alignment.
#include "core/checksum.h"

#include "tests/check.h"

int main() {
  weft::tests::Random random(3);
  for (size_t length = 0; length <= 300; ++length) {
    std::vector<unsigned char> bytes(length + 64);
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random.bits());
    const uint64_t sum = weft::checksum(bytes.data(), length);
    WEFT_CHECK(sum == weft::checksum(bytes.data(), length), "the same twice");
    WEFT_CHECK(sum != weft::checksum(bytes.data(), length, 1), "another seed");
    std::vector<unsigned char> shifted(bytes.begin(), bytes.end());
    for (size_t shift = 1; shift < 9; ++shift) {
      shifted.insert(shifted.begin(), 0);
      WEFT_CHECK(sum == weft::checksum(shifted.data() + shift, length), "another alignment");
    }
    for (size_t bit = 0; bit < 8 * length; ++bit) {
      bytes[bit / 8] ^= static_cast<unsigned char>(1u << (bit % 8));
      WEFT_CHECK(sum != weft::checksum(bytes.data(), length), "a flipped bit");
      bytes[bit / 8] ^= static_cast<unsigned char>(1u << (bit % 8));
    }
    for (size_t cut = 0; cut < length; ++cut) WEFT_CHECK(sum != weft::checksum(bytes.data(), cut), "a cut");
  }
  const std::vector<unsigned char> zeros(500);
  for (size_t length = 1; length < zeros.size(); ++length) {
    WEFT_CHECK(weft::checksum(zeros.data(), length) != weft::checksum(zeros.data(), length - 1), "zeros");
  }
  return weft::tests::summary("checksum");
}
