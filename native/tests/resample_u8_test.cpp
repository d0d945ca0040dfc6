// Both passes of the resampler against their definition in 64-bit integers, on drawn pictures: every filter,
// one to four channels, one to kRowGroup rows, odd addresses, nothing written beyond the padding.
#include "kernels/resample_u8.h"

#include <algorithm>

#include "ops/resample_axis.h"
#include "tests/check.h"

namespace {

using weft::kernels::AxisTaps;
using weft::kernels::kPrecisionBits;
using weft::kernels::kRowGroup;
using weft::kernels::kRowPadding;
using weft::kernels::ResampleU8;
using weft::tests::Random;

constexpr uint8_t kGuard = 0xa5;

// Memory of some bytes and their padding at an odd address, with a guard behind.
class Row {
 public:
  Row(size_t bytes, size_t offset)
      : bytes_(bytes), offset_(offset), memory_(offset + bytes + kRowPadding + 16, kGuard) {}
  uint8_t* data() { return memory_.data() + offset_; }
  // Zeros, full bytes and anything between.
  void draw(Random& random) {
    for (size_t index = 0; index < bytes_; ++index) {
      const size_t kind = random.below(4);
      data()[index] = kind == 0 ? 0 : kind == 1 ? 255 : static_cast<uint8_t>(random.below(256));
    }
  }
  bool guard_stands() const {
    return std::all_of(memory_.end() - 16, memory_.end(), [](uint8_t byte) { return byte == kGuard; }) &&
           std::all_of(memory_.begin(), memory_.begin() + static_cast<std::ptrdiff_t>(offset_),
                       [](uint8_t byte) { return byte == kGuard; });
  }

 private:
  size_t bytes_;
  size_t offset_;
  std::vector<uint8_t> memory_;
};

uint8_t rounded(int64_t sum) {
  return static_cast<uint8_t>(
      std::clamp<int64_t>((sum + (int64_t{1} << (kPrecisionBits - 1))) >> kPrecisionBits, 0, 255));
}

int32_t weight(const AxisTaps& axis, int position, int tap) {
  return axis
      .weights[static_cast<size_t>(position) * static_cast<size_t>(axis.stride) + static_cast<size_t>(tap)];
}

void test_horizontal(const ResampleU8& kernels, const AxisTaps& axis, int size, int channels,
                     Random& random) {
  const int row_count = 1 + static_cast<int>(random.below(kRowGroup));
  std::vector<Row> rows, outs;
  const uint8_t* sources[kRowGroup] = {};
  uint8_t* targets[kRowGroup] = {};
  for (int row = 0; row < row_count; ++row) {
    rows.emplace_back(static_cast<size_t>(size * channels), random.below(4));
    outs.emplace_back(static_cast<size_t>(axis.count * channels), random.below(4));
  }
  for (int row = 0; row < row_count; ++row) {
    const auto index = static_cast<size_t>(row);
    rows[index].draw(random);
    sources[row] = rows[index].data();
    targets[row] = outs[index].data();
  }
  kernels.horizontal(axis, channels, sources, targets, row_count);
  bool equal = true;
  bool stands = true;
  for (int row = 0; row < row_count; ++row) {
    stands = stands && outs[static_cast<size_t>(row)].guard_stands();
    for (int position = 0; position < axis.count; ++position) {
      for (int channel = 0; channel < channels; ++channel) {
        int64_t sum = 0;
        for (int tap = 0; tap < axis.taps[position]; ++tap) {
          sum += int64_t{weight(axis, position, tap)} *
                 sources[row][(axis.first[position] + tap) * channels + channel];
        }
        equal = equal && targets[row][position * channels + channel] == rounded(sum);
      }
    }
  }
  WEFT_CHECK(equal, "horizontal: " + std::to_string(size) + " to " + std::to_string(axis.count) + ", " +
                        std::to_string(channels) + " channels, " + std::to_string(row_count) + " rows");
  WEFT_CHECK(stands, "horizontal wrote beyond the padding");
}

void test_vertical(const ResampleU8& kernels, const AxisTaps& axis, int size, Random& random) {
  const int bytes = 1 + static_cast<int>(random.below(200));
  const int position = static_cast<int>(random.below(static_cast<size_t>(axis.count)));
  const int taps = axis.taps[position];
  std::vector<Row> rows;
  for (int row = 0; row < size; ++row) {
    rows.emplace_back(static_cast<size_t>(bytes), random.below(4));
    rows.back().draw(random);
  }
  std::vector<const uint8_t*> window;
  for (int tap = 0; tap < taps; ++tap)
    window.push_back(rows[static_cast<size_t>(axis.first[position] + tap)].data());
  if (taps % 2 == 1) window.push_back(window.back());
  Row out(static_cast<size_t>(bytes), random.below(4));
  kernels.vertical(axis, position, window.data(), out.data(), bytes);
  bool equal = true;
  for (int index = 0; index < bytes; ++index) {
    int64_t sum = 0;
    for (int tap = 0; tap < taps; ++tap)
      sum += int64_t{weight(axis, position, tap)} * window[static_cast<size_t>(tap)][index];
    equal = equal && out.data()[index] == rounded(sum);
  }
  WEFT_CHECK(equal, "vertical: " + std::to_string(taps) + " taps, " + std::to_string(bytes) + " bytes");
  WEFT_CHECK(out.guard_stands(), "vertical wrote beyond the padding");
}

}  // namespace

int main() {
  const ResampleU8& kernels = *weft::tests::forced_table().resample_u8;
  Random random(1);
  for (int round = 0; round < 1200; ++round) {
    const int size = 1 + static_cast<int>(random.below(90));
    const int target = 1 + static_cast<int>(random.below(70));
    const auto filter = static_cast<weft::ops::Filter>(round % weft::ops::kFilterCount);
    weft::ops::ResampleAxis axis;
    axis.build(filter, size, {0.0, static_cast<double>(size)}, target, 0, target);
    if (axis.is_passthrough()) continue;
    test_horizontal(kernels, axis.taps(), size, 1 + round % 4, random);
    test_vertical(kernels, axis.taps(), size, random);
  }
  return weft::tests::summary("resample_u8");
}
