// A program for machines that cannot run the JavaScript tests (an emulated ARM, a new target): the vector
// kernels as the compiler's flags give them, against the scalar ones, on drawn pictures. Prints what differs;
// 0 when nothing does.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "kernels/resample_u8_vector.h"
#include "ops/resample_axis.h"

namespace weft::kernels {
extern const ResampleU8 resample_u8_compared;
const ResampleU8 resample_u8_compared = {&horizontal, &vertical};
}  // namespace weft::kernels

namespace {

using weft::kernels::AxisTaps;
using weft::kernels::kRowGroup;
using weft::kernels::kRowPadding;
using weft::kernels::ResampleU8;

uint32_t random_state = 1;
uint32_t next_random() {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state >> 8;
}

std::vector<std::vector<uint8_t>> draw_rows(size_t bytes, int count) {
  std::vector<std::vector<uint8_t>> rows(static_cast<size_t>(count), std::vector<uint8_t>(bytes));
  for (auto& row : rows) {
    for (uint8_t& byte : row) {
      const uint32_t kind = next_random() % 4;
      byte = kind == 0 ? 0 : kind == 1 ? 255 : static_cast<uint8_t>(next_random());
    }
  }
  return rows;
}

std::vector<uint8_t> run_horizontal(const ResampleU8& kernels, const AxisTaps& axis, int channels,
                                    const std::vector<std::vector<uint8_t>>& rows) {
  const size_t bytes = static_cast<size_t>(axis.count) * static_cast<size_t>(channels);
  std::vector<uint8_t> memory((bytes + kRowPadding) * rows.size());
  const uint8_t* sources[kRowGroup];
  uint8_t* targets[kRowGroup];
  for (size_t row = 0; row < rows.size(); ++row) {
    sources[row] = rows[row].data();
    targets[row] = memory.data() + (bytes + kRowPadding) * row;
  }
  kernels.horizontal(axis, channels, sources, targets, static_cast<int>(rows.size()));
  std::vector<uint8_t> result;
  for (size_t row = 0; row < rows.size(); ++row)
    result.insert(result.end(), targets[row], targets[row] + bytes);
  return result;
}

std::vector<uint8_t> run_vertical(const ResampleU8& kernels, const AxisTaps& axis, int position,
                                  const std::vector<std::vector<uint8_t>>& rows, int bytes) {
  std::vector<const uint8_t*> window;
  const int taps = axis.taps[position];
  for (int tap = 0; tap < taps; ++tap)
    window.push_back(rows[static_cast<size_t>(axis.first[position] + tap)].data());
  if (taps % 2 == 1) window.push_back(window.back());
  std::vector<uint8_t> result(static_cast<size_t>(bytes + kRowPadding));
  kernels.vertical(axis, position, window.data(), result.data(), bytes);
  result.resize(static_cast<size_t>(bytes));
  return result;
}

}  // namespace

int main() {
  int compared = 0;
  int failed = 0;
  for (int round = 0; round < 600; ++round) {
    const int size = 1 + static_cast<int>(next_random() % 90);
    const int target = 1 + static_cast<int>(next_random() % 70);
    const int channels = 1 + round % 4;
    const auto filter = static_cast<weft::ops::Filter>(round % weft::ops::kFilterCount);
    weft::ops::ResampleAxis axis;
    axis.build(filter, size, {0.0, size - 0.001}, target, 0, target);
    const AxisTaps taps = axis.taps();
    const auto& compared_kernels = weft::kernels::resample_u8_compared;
    const auto& scalar_kernels = weft::kernels::resample_u8_scalar;

    const auto rows = draw_rows(static_cast<size_t>(size * channels + kRowPadding), 1 + round % kRowGroup);
    ++compared;
    failed += run_horizontal(compared_kernels, taps, channels, rows) !=
              run_horizontal(scalar_kernels, taps, channels, rows);

    const int bytes = 1 + static_cast<int>(next_random() % 200);
    const auto columns = draw_rows(static_cast<size_t>(bytes + kRowPadding), size);
    const int position = static_cast<int>(next_random() % static_cast<uint32_t>(target));
    ++compared;
    failed += run_vertical(compared_kernels, taps, position, columns, bytes) !=
              run_vertical(scalar_kernels, taps, position, columns, bytes);
  }
  std::printf("%d-bit vectors: %d comparisons, %d failed\n", weft::kernels::kVectorBytes * 8, compared,
              failed);
  return failed == 0 ? 0 : 1;
}
