// See ops/portable_exp.h. x = n ln 2 + r with |r| <= ln(2) / 2 (Cody and Waite: ln 2 in two doubles, the
// first with 21 bits to spare, so that n times it is exact); exp(r) by its Taylor series of degree 13, whose
// rest is below 2^-56; then 2^n through the exponent's bits.
#include "ops/portable_exp.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace weft::ops {

double portable_exp(double x) noexcept {
  if (x != x) return x;
  if (x < -708.0) return 0;
  if (x > 709.0) return std::numeric_limits<double>::infinity();
  constexpr double kInverseLn2 = 0x1.71547652b82fep+0;
  constexpr double kLn2High = 0x1.62e42fefp-1;
  constexpr double kLn2Low = 0x1.473de6af278edp-34;
  // Adding and subtracting 1.5 * 2^52 rounds to a whole number.
  constexpr double kShift = 0x1.8p+52;
  const double n = (x * kInverseLn2 + kShift) - kShift;
  const double r = (x - n * kLn2High) - n * kLn2Low;
  // 1 / k! for k = 13 .. 2.
  constexpr double kTerms[] = {1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0,
                               1.0 / 362880.0,     1.0 / 40320.0,     1.0 / 5040.0,     1.0 / 720.0,
                               1.0 / 120.0,        1.0 / 24.0,        1.0 / 6.0,        0.5};
  double p = 0;
  for (const double term : kTerms) p = p * r + term;
  const double power = 1.0 + (r + r * r * p);
  // n is at least -1022 and at most 1023 here, so 2^n is a normal number.
  const auto exponent = static_cast<uint64_t>(static_cast<int64_t>(n) + 1023);
  return power * std::bit_cast<double>(exponent << 52);
}

}  // namespace weft::ops
