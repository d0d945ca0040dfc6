// The two depthwise kernels alone: widths and channels up to beyond the largest block, one tap to many, odd
// addresses, with NaN and infinity, against sums in double.
#include <limits>

#include "dispatch/kernel_table.h"
#include "tests/guarded_rows.h"

namespace {

using weft::kernels::kDepthwisePadding;
using weft::tests::GuardedRows;
using weft::tests::Random;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

void test_planes(const weft::dispatch::KernelTable& table, size_t taps, size_t width, Random& random) {
  GuardedRows in(taps, width + kDepthwisePadding, 1);
  in.fill(random, -1, 1);
  if (width > 3) {
    in.row(0)[width / 2] = kNan;
    in.row(taps - 1)[width / 3] = kInfinity;
  }
  const std::vector<float> weights = random.numbers(taps);
  std::vector<const float*> rows;
  for (size_t t = 0; t < taps; ++t) rows.push_back(in.row(t));
  // What lies in the padding is anybody's; beyond it stand guards.
  GuardedRows out(1, width + kDepthwisePadding, 0);
  table.depthwise_f32->planes(taps, rows.data(), weights.data(), 0.25f, width, out.data());
  GuardedRows kept(1, width, 0);
  std::vector<double> expected;
  for (size_t i = 0; i < width; ++i) {
    double sum = 0.25;
    for (size_t t = 0; t < taps; ++t) sum += static_cast<double>(weights[t]) * rows[t][i];
    expected.push_back(sum);
    kept.data()[i] = out.data()[i];
  }
  compare({"planes", 1, width, 1e-6 * static_cast<double>(taps), 1e-6}, kept, expected);
  WEFT_CHECK(out.guards_stand(), "planes writes beyond the padding");
}

void test_pixels(const weft::dispatch::KernelTable& table, size_t taps, size_t pixels, size_t channels,
                 bool with_bias, Random& random) {
  const size_t step = channels + random.below(channels + 1);
  GuardedRows in(taps, pixels * step + channels, 1), weights(taps, channels, 0);
  in.fill(random, -1, 1);
  weights.fill(random, -1, 1);
  if (pixels > 0) in.row(taps / 2)[channels / 2] = kNan;
  const std::vector<float> bias = random.numbers(channels);
  std::vector<const float*> first, tap_weights;
  for (size_t t = 0; t < taps; ++t) {
    first.push_back(in.row(t));
    tap_weights.push_back(weights.row(t));
  }
  GuardedRows out(pixels, channels, 0);
  table.depthwise_f32->pixels(taps, first.data(), tap_weights.data(), step, pixels, channels,
                              with_bias ? bias.data() : nullptr, out.data());
  std::vector<double> expected;
  for (size_t p = 0; p < pixels; ++p) {
    for (size_t c = 0; c < channels; ++c) {
      double sum = with_bias ? bias[c] : 0;
      for (size_t t = 0; t < taps; ++t) {
        sum += static_cast<double>(tap_weights[t][c]) * first[t][p * step + c];
      }
      expected.push_back(sum);
    }
  }
  compare({"pixels", pixels, channels, 1e-6 * static_cast<double>(taps), 1e-6}, out, expected);
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  Random random(3);
  for (size_t width = 0; width <= 300; ++width) test_planes(table, 1 + width % 11, width, random);
  for (size_t channels = 1; channels <= 70; ++channels) {
    for (const size_t pixels : {0, 1, 3, 4, 5, 9}) {
      test_pixels(table, 1 + channels % 10, pixels, channels, channels % 2 == 0, random);
    }
  }
  return weft::tests::summary("depthwise");
}
