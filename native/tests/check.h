// The few lines that the native test programs share: checks that count and print, reproducible numbers, and
// the kernels that WEFT_ISA forces. Only for programs: this prints.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "dispatch/kernel_table.h"

namespace weft::tests {

inline int& failures() {
  static int count = 0;
  return count;
}

inline int& checks() {
  static int count = 0;
  return count;
}

inline bool check(bool holds, const char* file, int line, const std::string& what) {
  ++checks();
  if (!holds && ++failures() <= 20) std::printf("FAILED %s:%d: %s\n", file, line, what.c_str());
  return holds;
}

#define WEFT_CHECK(condition, what) ::weft::tests::check((condition), __FILE__, __LINE__, (what))

// |ours - expected| <= absolute + relative * |expected|; NaN only equals NaN, infinities only themselves.
inline bool close(double ours, double expected, double absolute, double relative) {
  if (std::isnan(expected)) return std::isnan(ours);
  if (std::isinf(expected) || std::isinf(ours)) return ours == expected;
  return std::fabs(ours - expected) <= absolute + relative * std::fabs(expected);
}

// A small generator (splitmix64), the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t bits() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Uniform in [low, high).
  float number(float low = -1.0f, float high = 1.0f) {
    return low + (high - low) * static_cast<float>(bits() >> 40) * 0x1p-24f;
  }
  size_t below(size_t limit) { return static_cast<size_t>(bits() % limit); }
  std::vector<float> numbers(size_t count, float low = -1.0f, float high = 1.0f) {
    std::vector<float> values(count);
    for (float& value : values) value = number(low, high);
    return values;
  }

 private:
  uint64_t state_;
};

// The table WEFT_ISA names (the best one without it), proved active; ends the program with 77 where the
// processor lacks it.
inline const dispatch::KernelTable& forced_table() {
  const char* forced = std::getenv("WEFT_ISA");
  const std::string name = forced == nullptr ? "" : forced;
  const dispatch::KernelTable* table = nullptr;
  const Status status = dispatch::select_table(name, table);
  if (status == Status::unsupported_isa) {
    std::printf("skipped: this processor has no %s\n", name.c_str());
    std::exit(77);
  }
  if (status != Status::ok || (!name.empty() && name != table->isa)) {
    std::printf("FAILED: WEFT_ISA=%s is not active\n", name.c_str());
    std::exit(1);
  }
  std::printf("isa %s\n", table->isa);
  return *table;
}

inline const dispatch::KernelTable& scalar_table() {
  const dispatch::KernelTable* table = nullptr;
  dispatch::select_table("scalar", table);
  return *table;
}

// The last line and the exit code of a test program.
inline int summary(const char* name) {
  std::printf("%s: %d checks, %d failed\n", name, checks(), failures());
  return failures() == 0 && checks() > 0 ? 0 : 1;
}

}  // namespace weft::tests
