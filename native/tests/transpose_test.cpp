// Transposition of every shape up to beyond two blocks of the widest vectors, at odd addresses and strides:
// every number is its own place, and guards around the result must stay.
#include "dispatch/kernel_table.h"
#include "tests/guarded_rows.h"

namespace {

using weft::tests::GuardedRows;

void test_transpose(const weft::dispatch::KernelTable& table, size_t rows, size_t columns) {
  GuardedRows in(rows, columns, rows % 3), out(columns, rows, columns % 3);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) in.row(r)[c] = static_cast<float>(r * 1000 + c);
  }
  std::vector<double> expected;
  for (size_t c = 0; c < columns; ++c) {
    for (size_t r = 0; r < rows; ++r) expected.push_back(static_cast<double>(r * 1000 + c));
  }
  table.transpose_f32->transpose(rows, columns, in.data(), in.stride, out.data(), out.stride);
  compare({"transpose", columns, rows, 0, 0}, out, expected);
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  for (size_t rows = 0; rows <= 36; ++rows) {
    for (size_t columns = 0; columns <= 36; ++columns) test_transpose(table, rows, columns);
  }
  test_transpose(table, 197, 768);
  return weft::tests::summary("transpose");
}
