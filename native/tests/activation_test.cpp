// Every activation on vectors against double, in units in the last place, over the whole range of floats:
// through the epilogue of a matrix product whose weights are zero and whose bias is the argument.
#include <algorithm>
#include <bit>
#include <limits>

#include "activation_oracle.h"
#include "check.h"
#include "core/team.h"
#include "ops/gemm.h"
#include "ops/packed_matrix.h"

namespace {

using namespace weft;
using namespace weft::tests;

// What the header of the vector activations promises; smaller results may come out as 0.
constexpr double kMostUlp = 8.0;
constexpr double kLeastResult = 1e-35;
constexpr size_t kWidth = 4099;
// Bit patterns between two arguments: about 4 million arguments, signs and NaN included.
constexpr uint64_t kStep = 1021;

class Activations {
 public:
  explicit Activations(const dispatch::KernelTable& table) : table_(table) {
    const std::vector<float> zeros(kWidth, 0.0f);
    const ops::WeightPart part{zeros.data(), DType::f32, kWidth, 1, false};
    WEFT_CHECK(ops::PackedMatrix::pack(table_, {&part, 1}, ops::Precision::f32, team_, zero_) == Status::ok,
               "packing zeros");
  }

  void apply(Activation activation, const float* in, float* out) {
    const float one = 1.0f;
    ops::Epilogue epilogue;
    epilogue.bias = in;
    epilogue.activation = activation;
    WEFT_CHECK(ops::gemm(team_, table_, 1, &one, 1, *zero_, epilogue, out, kWidth) == Status::ok, "gemm");
  }

 private:
  const dispatch::KernelTable& table_;
  Team team_;
  std::shared_ptr<const ops::PackedMatrix> zero_;
};

double ulp_error(float ours, double expected) {
  const int exponent = std::max(std::ilogb(expected), std::numeric_limits<float>::min_exponent - 1);
  return std::fabs(ours - expected) / std::ldexp(1.0, exponent - 23);
}

// The error in units in the last place; infinite where a special value is wrong.
double error_of(Activation activation, float x, float ours) {
  const double expected = activation_oracle(activation, x);
  const double wrong = std::numeric_limits<double>::infinity();
  if (std::isnan(expected)) return std::isnan(ours) ? 0.0 : wrong;
  if (std::isinf(expected) || std::fabs(expected) > std::numeric_limits<float>::max())
    return static_cast<double>(ours) == expected ? 0.0 : wrong;
  if (std::fabs(expected) < kLeastResult && std::fabs(static_cast<double>(ours)) <= kLeastResult) return 0.0;
  return ulp_error(ours, expected);
}

void whole_range(Activations& activations, size_t index) {
  double worst = 0.0;
  float where = 0.0f;
  std::vector<float> in(kWidth);
  std::vector<float> out(kWidth);
  for (uint64_t first = 0; first < (uint64_t{1} << 32); first += kStep * kWidth) {
    for (size_t i = 0; i < kWidth; ++i)
      in[i] = std::bit_cast<float>(static_cast<uint32_t>(first + kStep * i));
    activations.apply(kActivations[index], in.data(), out.data());
    for (size_t i = 0; i < kWidth; ++i) {
      const double error = error_of(kActivations[index], in[i], out[i]);
      if (error <= worst) continue;
      worst = error;
      where = in[i];
    }
  }
  std::printf("%s: %.2f units in the last place at %a\n", kActivationNames[index], worst,
              static_cast<double>(where));
  WEFT_CHECK(worst <= kMostUlp, std::string(kActivationNames[index]) + " over the whole range");
}

void special_values(Activations& activations, size_t index) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float values[] = {0.0f,    -0.0f,   infinity, -infinity, nan,     -nan,    0x1p-149f,
                          1e-40f,  -1e-40f, 1e30f,    -1e30f,    88.72f,  -88.72f, 88.73f,
                          -88.73f, 0.625f,  -0.625f,  13.3f,     -13.3f,  3.4e38f, -3.4e38f,
                          12.0f,   -12.0f,  64.0f,    -64.0f,    -103.9f, -104.0f, -87.34f};
  std::vector<float> in(kWidth, 0.0f);
  std::vector<float> out(kWidth);
  std::copy(std::begin(values), std::end(values), in.begin());
  activations.apply(kActivations[index], in.data(), out.data());
  for (size_t i = 0; i < std::size(values); ++i) {
    WEFT_CHECK(error_of(kActivations[index], in[i], out[i]) <= kMostUlp,
               std::string(kActivationNames[index]) + " of " + std::to_string(in[i]) + " gave " +
                   std::to_string(out[i]));
  }
}

}  // namespace

int main() {
  Activations activations(forced_table());
  for (size_t index = 0; index < std::size(kActivations); ++index) {
    special_values(activations, index);
    whole_range(activations, index);
  }
  return summary("activation");
}
