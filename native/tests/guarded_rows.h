// Rows for tests: at a stride, at an odd address, between guards that must stay; and their comparison with
// expected numbers. Only for programs.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "tests/check.h"

namespace weft::tests {

inline constexpr float kGuard = -77.25f;

// One float off any alignment; what lies between rows must stay.
struct GuardedRows {
  size_t rows, width, stride;
  std::vector<float> memory;

  GuardedRows(size_t row_count, size_t row_width, size_t gap)
      : rows(row_count),
        width(row_width),
        stride(row_width + gap),
        memory(row_count * (row_width + gap) + 17, kGuard) {}
  float* data() { return memory.data() + 1; }
  float* row(size_t index) { return data() + index * stride; }
  void fill(Random& random, float low, float high) {
    for (size_t r = 0; r < rows; ++r) {
      for (size_t i = 0; i < width; ++i) row(r)[i] = random.number(low, high);
    }
  }
  bool guards_stand() const {
    for (size_t i = 0; i < memory.size(); ++i) {
      const bool inside = i >= 1 && i - 1 < rows * stride && (i - 1) % stride < width;
      if (!inside && memory[i] != kGuard) return false;
    }
    return true;
  }
};

struct RowsCase {
  const char* name;
  size_t rows, width;
  double absolute, relative;
};

inline std::string describe(const RowsCase& c, size_t row, size_t i, double ours, double expected) {
  char text[160];
  std::snprintf(text, sizeof(text), "%s %zu x %zu at %zu, %zu: %.9g, expected %.9g", c.name, c.rows, c.width,
                row, i, ours, expected);
  return text;
}

inline void compare(const RowsCase& c, GuardedRows& out, const std::vector<double>& expected) {
  for (size_t row = 0; row < c.rows; ++row) {
    for (size_t i = 0; i < c.width; ++i) {
      const double ours = out.row(row)[i], wanted = expected[row * c.width + i];
      if (!close(ours, wanted, c.absolute, c.relative)) {
        WEFT_CHECK(false, describe(c, row, i, ours, wanted));
        return;
      }
    }
  }
  WEFT_CHECK(out.guards_stand(), std::string(c.name) + " writes outside its rows");
}

}  // namespace weft::tests
