// exp as the vector kernels compute it, through the softmax step of attention: over all magnitudes against
// std::exp in double, in units in the last place.
#include "attention_oracle.h"

namespace weft::tests {
namespace {

// exp(x) of every x, in calls of `step` numbers: whole vectors and rests.
std::vector<float> exponentials(const dispatch::KernelTable& table, std::vector<float> x, size_t step) {
  for (size_t begin = 0; begin < x.size(); begin += step) {
    float maximum = 0.0f;
    float sum = 0.0f;
    // With a maximum of at least every x nothing is subtracted; larger ones would be measured from
    // themselves.
    table.attention_f32->row_weigh(std::min(step, x.size() - begin), x.data() + begin, &maximum, &sum);
  }
  return x;
}

double spacing(float value) { return static_cast<double>(std::nextafter(value, kInfinity)) - value; }

void test_accuracy(const dispatch::KernelTable& table) {
  Random random(21);
  std::vector<float> x;
  for (size_t count = 0; count < 2000000; ++count) {
    // All magnitudes down to 2^-40 and below, and evenly where results are normal numbers.
    x.push_back(count % 2 == 0 ? random.number(-86.9f, 0.0f) : -std::exp2(random.number(-40.0f, 6.43f)));
  }
  const std::vector<float> ours = exponentials(table, x, 1000);
  double worst = 0.0;
  for (size_t at = 0; at < x.size(); ++at) {
    const double expected = std::exp(static_cast<double>(x[at]));
    worst = std::max(worst, std::fabs(ours[at] - expected) / spacing(static_cast<float>(expected)));
  }
  std::printf("%zu numbers: worst %.3f units in the last place\n", x.size(), worst);
  WEFT_CHECK(worst <= 2.0, "within 2 units in the last place");
}

void test_edges(const dispatch::KernelTable& table) {
  for (size_t step = 1; step <= 40; ++step) {
    std::vector<float> x(step, -1.0f);
    x[step / 2] = -kInfinity;
    const std::vector<float> ours = exponentials(table, x, step);
    bool right = ours[step / 2] == 0.0f;
    for (size_t at = 0; at < step; ++at)
      right = right && (at == step / 2 || close(ours[at], std::exp(-1.0), 0.0, 2e-7));
    WEFT_CHECK(right, "-infinity at " + std::to_string(step / 2) + " of " + std::to_string(step));
  }
  const std::vector<float> ours =
      exponentials(table, {0.0f, -0.0f, -1e-30f, -200.0f, -1e30f, kLowestFloat, -104.0f}, 7);
  WEFT_CHECK(ours[0] == 1.0f && ours[1] == 1.0f && ours[2] == 1.0f, "1 at 0");
  WEFT_CHECK(ours[3] == 0.0f && ours[4] == 0.0f && ours[5] == 0.0f && ours[6] == 0.0f, "0 far below");
  WEFT_CHECK(std::isnan(exponentials(table, {std::nanf("")}, 1)[0]), "NaN stays");
}

}  // namespace
}  // namespace weft::tests

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  weft::tests::test_accuracy(table);
  weft::tests::test_edges(table);
  return weft::tests::summary("exp");
}
