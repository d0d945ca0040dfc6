// exp and 2^x of a vector of floats, within 2 units in the last place: for the vector sources of any kernel.
// It must not include anything but Highway; everything has internal linkage.
//
// exp: x = n ln 2 + r with |r| <= ln(2) / 2 (Cody and Waite, ln 2 in two floats), exp(r) by a polynomial of
// degree 6 whose error, fitted over that range, is 3.1e-9 of the result; then times 2^n through the
// exponent's bits.
#pragma once

#include <cstdint>

#include "hwy/highway.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// exp(-inf) = 0, exp(+inf) = inf, NaN stays NaN. Results below 2^-125 are 0: no denormal numbers come out.
template <class Floats>
HWY_INLINE hn::Vec<Floats> exp_vector(Floats floats, hn::Vec<Floats> x) {
  const hn::RebindToSigned<Floats> words;
  // Adding 1.5 * 2^23 rounds to a whole number that stays in the lowest bits of the sum. The polynomial gives
  // 2 exp(r), so that the other factor, 2^(n - 1), is a normal float for every n up to 128: 126 is what its
  // biased exponent exceeds n by.
  const auto shift = hn::Set(floats, 12582912.0f + 126.0f);
  const auto rounded = hn::MulAdd(x, hn::Set(floats, 1.44269504f), shift);
  const auto n = hn::Sub(rounded, shift);
  // The first 9 bits of ln 2, so that n times it is exact, and what they leave.
  auto r = hn::NegMulAdd(n, hn::Set(floats, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(floats, -2.12194440e-4f), r);
  auto p = hn::MulAdd(r, hn::Set(floats, 0.0027629081f), hn::Set(floats, 0.016737491f));
  p = hn::MulAdd(r, p, hn::Set(floats, 0.083336778f));
  p = hn::MulAdd(r, p, hn::Set(floats, 0.33333042f));
  p = hn::MulAdd(r, p, hn::Set(floats, 0.99999988f));
  p = hn::MulAdd(r, p, hn::Set(floats, 2.0f));
  p = hn::MulAdd(r, p, hn::Set(floats, 2.0f));
  const auto power = hn::BitCast(floats, hn::ShiftLeft<23>(hn::BitCast(words, rounded)));
  const auto result = hn::IfThenZeroElse(hn::Lt(x, hn::Set(floats, -86.9f)), hn::Mul(p, power));
  return hn::IfThenElse(hn::Gt(x, hn::Set(floats, 88.72284f)), hn::Inf(floats), result);
}

// 2^x for x <= 0, NaN or -infinity; results below 2^-125 are 0. What a softmax needs, whose exponents are
// never positive: half the work of exp_vector. x = n + f with |f| <= 1/2, 2^f by a polynomial of degree 5
// fitted to units in the last place (1.1).
template <class Floats>
HWY_INLINE hn::Vec<Floats> exp2_nonpositive_vector(Floats floats, hn::Vec<Floats> x) {
  const hn::RebindToSigned<Floats> words;
  // Exponents from here down give the power 2^-127, whose biased exponent of 0 makes it zero.
  const auto least = hn::Set(floats, -126.0f);
  // x86 takes the second operand when one is NaN; other processors may drop it.
  x = HWY_ARCH_X86 ? hn::Max(least, x) : hn::IfThenElse(hn::Lt(x, least), least, x);
  // As above: the polynomial gives 2 * 2^f, the other factor is 2^(n - 1).
  const auto shift = hn::Set(floats, 12582912.0f + 126.0f);
  const auto rounded = hn::Add(x, shift);
  const auto f = hn::Sub(x, hn::Sub(rounded, shift));
  auto p = hn::MulAdd(f, hn::Set(floats, 0.00264513749f), hn::Set(floats, 0.0193436556f));
  p = hn::MulAdd(f, p, hn::Set(floats, 0.111017913f));
  p = hn::MulAdd(f, p, hn::Set(floats, 0.480444729f));
  p = hn::MulAdd(f, p, hn::Set(floats, 1.38629365f));
  p = hn::MulAdd(f, p, hn::Set(floats, 2.0f));
  return hn::Mul(p, hn::BitCast(floats, hn::ShiftLeft<23>(hn::BitCast(words, rounded))));
}

}  // namespace
}  // namespace weft::kernels
