// Sinusoidal positions against the formula in both orders, odd widths and late positions.
#include "ops/sinusoidal_positions.h"

#include "tests/check.h"

namespace {

namespace ops = weft::ops;

void test_width(size_t width, size_t first, size_t count) {
  std::vector<float> interleaved(count * width + 1, -9), halves(count * width + 1, -9);
  ops::sinusoidal_positions(ops::SinusoidOrder::interleaved, first, count, width, 10000, interleaved.data());
  ops::sinusoidal_positions(ops::SinusoidOrder::halves, first, count, width, 10000, halves.data());
  const size_t half = width / 2;
  for (size_t row = 0; row < count; ++row) {
    const double position = static_cast<double>(first + row);
    for (size_t i = 0; i < half; ++i) {
      const double angle =
          position * std::exp(-std::log(10000.0) * 2 * static_cast<double>(i) / static_cast<double>(width));
      const double other = half < 2 ? position
                                    : position * std::exp(-std::log(10000.0) * static_cast<double>(i) /
                                                          static_cast<double>(half - 1));
      const float* a = interleaved.data() + row * width;
      const float* b = halves.data() + row * width;
      WEFT_CHECK(weft::tests::close(a[2 * i], std::sin(angle), 1e-6, 0) &&
                     weft::tests::close(a[2 * i + 1], std::cos(angle), 1e-6, 0),
                 "interleaved at " + std::to_string(first + row) + ", " + std::to_string(i));
      WEFT_CHECK(weft::tests::close(b[i], std::sin(other), 1e-6, 0) &&
                     weft::tests::close(b[half + i], std::cos(other), 1e-6, 0),
                 "halves at " + std::to_string(first + row) + ", " + std::to_string(i));
    }
    if (width % 2 == 1) WEFT_CHECK(halves[row * width + width - 1] == 0, "the odd column");
  }
  WEFT_CHECK(interleaved.back() == -9 && halves.back() == -9, "writes beyond its rows");
}

}  // namespace

int main() {
  weft::tests::forced_table();
  for (const size_t width : {1, 2, 3, 4, 7, 64, 513}) test_width(width, width % 3 * 1000, 5);
  return weft::tests::summary("sinusoidal_positions");
}
