// exp of a vector of floats, within 2 units in the last place: for the vector sources of any kernel.
// It must not include anything but Highway; everything has internal linkage.
//
// x = n ln 2 + r with |r| <= ln(2) / 2 (Cody and Waite, ln 2 in two floats), exp(r) by a polynomial of degree
// 6 whose error, fitted over that range, is 3.1e-9 of the result; then times 2^n through the exponent's bits.
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

}  // namespace
}  // namespace weft::kernels
