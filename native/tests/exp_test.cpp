// kernels/exp_vector.h over all magnitudes against the library's functions in double, in units in the last
// place.
#include <algorithm>
#include <limits>

#include "check.h"
#include "exp_probe.h"

namespace weft::tests {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Results below this are 0.
constexpr double kLeastResult = 0x1p-125;

const ExpProbe* probe_of(const std::string& isa) {
#if defined(__x86_64__) || defined(_M_X64)
  if (isa == "avx2") return &exp_probe_avx2;
  if (isa == "avx512" || isa == "avx512vnni") return &exp_probe_avx512;
#elif defined(__aarch64__) || defined(_M_ARM64)
  if (isa == "neon") return &exp_probe_neon;
#endif
  return nullptr;
}

using Function = void (*)(const float* in, float* out, size_t count);
using Definition = double (*)(double);

// In units of the distance between `expected` as a float and the next one.
double error_of(float ours, double expected) {
  const float rounded = static_cast<float>(expected);
  return std::fabs(ours - expected) / (static_cast<double>(std::nextafter(rounded, kInfinity)) - rounded);
}

void test_accuracy(const char* name, Function function, Definition definition, float lowest, float highest) {
  Random random(21);
  std::vector<float> x;
  for (size_t count = 0; count < 3000000; ++count) {
    const float sign = highest > 0.0f && random.below(2) == 0 ? 1.0f : -1.0f;
    x.push_back(count % 3 == 0 ? sign * std::exp2(random.number(-40.0f, 6.4f))
                               : random.number(lowest, highest));
  }
  std::vector<float> ours(x.size());
  function(x.data(), ours.data(), x.size());
  double worst = 0.0;
  bool vanishes = true;
  for (size_t at = 0; at < x.size(); ++at) {
    const double expected = definition(static_cast<double>(x[at]));
    if (expected >= 2.0 * kLeastResult && expected < std::numeric_limits<float>::max()) {
      worst = std::max(worst, error_of(ours[at], expected));
    } else if (expected < kLeastResult / 2.0) {
      vanishes = vanishes && ours[at] == 0.0f;
    }
  }
  std::printf("%s: %zu numbers, worst %.3f units in the last place\n", name, x.size(), worst);
  WEFT_CHECK(worst <= 2.0, std::string(name) + " within 2 units in the last place");
  WEFT_CHECK(vanishes, std::string(name) + " is 0 where the result is no normal number");
}

// In every lane, among harmless neighbours, in rests of vectors too.
void test_special(const char* name, Function function, float x, float expected) {
  for (size_t count = 1; count <= 40; ++count) {
    std::vector<float> in(count, 0.0f);
    std::vector<float> out(count + 1, 777.0f);
    in[count / 2] = x;
    function(in.data(), out.data(), count);
    bool right = out[count] == 777.0f;
    for (size_t at = 0; at < count; ++at) {
      const float value = at == count / 2 ? expected : 1.0f;
      right = right && (std::isnan(value) ? std::isnan(out[at]) : out[at] == value);
    }
    WEFT_CHECK(right, std::string(name) + "(" + std::to_string(x) + ") among " + std::to_string(count));
  }
}

void test_edges(const ExpProbe& probe) {
  const float odd = std::nanf("");
  const float lowest = std::numeric_limits<float>::lowest();
  for (const float far : {-kInfinity, lowest, -1e30f, -200.0f, -104.0f, -87.4f})
    test_special("exp", probe.exp, far, 0.0f);
  for (const float far : {-kInfinity, lowest, -1e30f, -200.0f, -151.0f, -126.5f})
    test_special("exp2", probe.exp2_nonpositive, far, 0.0f);
  for (const float far : {kInfinity, 1e30f, 100.0f, 88.73f}) test_special("exp", probe.exp, far, kInfinity);
  for (const float near : {0.0f, -0.0f, -1e-30f}) {
    test_special("exp", probe.exp, near, 1.0f);
    test_special("exp2", probe.exp2_nonpositive, near, 1.0f);
  }
  test_special("exp2", probe.exp2_nonpositive, -10.0f, 0x1p-10f);
  test_special("exp", probe.exp, odd, odd);
  test_special("exp2", probe.exp2_nonpositive, odd, odd);
}

}  // namespace
}  // namespace weft::tests

int main() {
  const weft::tests::ExpProbe* probe = weft::tests::probe_of(weft::tests::forced_table().isa);
  if (probe == nullptr) {
    std::printf("skipped: the scalar kernels use the library's exp\n");
    return 77;
  }
  weft::tests::test_accuracy(
      "exp", probe->exp, [](double x) { return std::exp(x); }, -90.0f, 88.8f);
  weft::tests::test_accuracy(
      "exp2", probe->exp2_nonpositive, [](double x) { return std::exp2(x); }, -128.0f, 0.0f);
  weft::tests::test_edges(*probe);
  return weft::tests::summary("exp");
}
