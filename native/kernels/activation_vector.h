// The activations of core/activation.h on vectors of any width, each within 6 units in the last place of its
// formula. Included by *_vector.h only; everything has internal linkage; it must not include anything but
// Highway, exp_vector.h and plain data.
//
// x * sigmoid(z) is x / (1 + exp(-z)): NaN stays, infinity stays, -infinity gives NaN as 0 * infinity does.
// exp turns an error of z into the result's relative error, so z is carried as an unevaluated sum high + low.
// Results below 1e-35 may come out as 0, because exp gives no denormal numbers.
#pragma once

#include "core/activation.h"
#include "hwy/highway.h"
#include "kernels/exp_vector.h"

namespace weft::kernels {
namespace {

// exp(high + low), |low| far below 1; not value + value * low, which is NaN where exp(high) is infinite.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_of_sum(D d, V high, V low) {
  return hn::Mul(exp_vector(d, high), hn::Add(hn::Set(d, 1.0f), low));
}

// Between -limit and limit; what NaN gives does not matter to the callers, who multiply by x later.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V clamp(D d, V x, float limit) {
  return hn::Max(hn::Set(d, -limit), hn::Min(hn::Set(d, limit), x));
}

// numerator / (1 + exp(-(high + low))).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V divide_by_logistic(D d, V numerator, V high, V low) {
  return hn::Div(numerator, hn::Add(hn::Set(d, 1.0f), exp_of_sum(d, hn::Neg(high), hn::Neg(low))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid_vector(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, exp_vector(d, hn::Neg(x))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V silu_vector(D d, V x) {
  return hn::Div(x, hn::Add(hn::Set(d, 1.0f), exp_vector(d, hn::Neg(x))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V quick_gelu_vector(D d, V x) {
  // 1.702 in two floats. Beyond 64 the sigmoid is 0 or 1.
  const V factor = hn::Set(d, 0x1.b3b646p+0f);
  const V bounded = clamp(d, x, 64.0f);
  const V high = hn::Mul(bounded, factor);
  const V low = hn::MulAdd(bounded, hn::Set(d, -0x1.78d4fep-26f), hn::MulSub(bounded, factor, high));
  return divide_by_logistic(d, x, high, low);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu_tanh_vector(D d, V x) {
  // 0.5 (1 + tanh(u)) = sigmoid(2 u), and 2 u = x (c0 + c1 x^2) with c0 = 2 sqrt(2 / pi), c1 = 0.044715 c0,
  // both in two floats; the first of c0 has 12 bits, so that subtracting it from a larger sum is exact.
  const V c0 = hn::Set(d, 0x1.988p+0f);
  const V c1 = hn::Set(d, 0x1.2444f2p-4f);
  const V bounded = clamp(d, x, 12.0f);
  const V square = hn::Mul(bounded, bounded);
  const V square_low = hn::MulSub(bounded, bounded, square);
  const V slope = hn::MulAdd(c1, square, c0);
  V slope_low = hn::MulSub(c1, square, hn::Sub(slope, c0));
  slope_low = hn::MulAdd(c1, square_low, hn::Add(slope_low, hn::Set(d, 0x1.14cf5p-14f)));
  slope_low = hn::MulAdd(square, hn::Set(d, 0x1.49b16ap-29f), slope_low);
  const V high = hn::Mul(bounded, slope);
  const V low = hn::MulAdd(bounded, slope_low, hn::MulSub(bounded, slope, high));
  return divide_by_logistic(d, x, high, low);
}

// x Phi(x) with Phi(-t) = exp(-t^2 / 2) R(t) for t >= 0: exact to a few units even where Phi is tiny, which
// 1 + erf is not. R(t) = erfcx(t / sqrt(2)) / 2 as a polynomial of degree 9 in v = 3 / (t + 3) - 1 / 2,
// fitted for the least relative error (2^-27) on 0 to 13.3, beyond which Phi(-t) is no normal float.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu_vector(D d, V x) {
  const V t = hn::Min(hn::Set(d, 13.3f), hn::Abs(x));
  const V half = hn::Set(d, 0.5f);
  const V v = hn::Div(hn::NegMulAdd(half, t, hn::Set(d, 1.5f)), hn::Add(t, hn::Set(d, 3.0f)));
  const V square = hn::Mul(t, t);
  const V square_low = hn::NegMulAdd(t, t, square);
  // exp(-(square + square_low) / 2), never infinite.
  const V rough = exp_vector(d, hn::Neg(hn::Mul(half, square)));
  const V power = hn::MulAdd(rough, hn::Mul(half, square_low), rough);
  V ratio = hn::Set(d, -0x1.c63f0ap-6f);
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.e6b0fcp-6f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.646c44p-5f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, -0x1.01ff52p-4f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, -0x1.7cb9a8p-4f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.91e0f4p-4f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.7a9458p-2f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.f8baccp-2f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.a6b66ap-2f));
  ratio = hn::MulAdd(ratio, v, hn::Set(d, 0x1.f1b89cp-4f));
  const V tail = hn::Mul(power, ratio);
  const V phi = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0f), tail));
  return hn::Mul(x, phi);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh_vector(D d, V x) {
  // Near 0 an odd polynomial (relative error 2^-27 up to 0.625), beyond it 1 - 2 / (exp(2 |x|) + 1).
  const V one = hn::Set(d, 1.0f);
  const V size = hn::Abs(x);
  const V square = hn::Mul(x, x);
  V p = hn::Set(d, -0x1.75e1cap-8f);
  p = hn::MulAdd(p, square, hn::Set(d, 0x1.52269ap-6f));
  p = hn::MulAdd(p, square, hn::Set(d, -0x1.b83c5ap-5f));
  p = hn::MulAdd(p, square, hn::Set(d, 0x1.110726p-3f));
  p = hn::MulAdd(p, square, hn::Set(d, -0x1.555532p-2f));
  const V near = hn::MulAdd(hn::Mul(p, square), x, x);
  const V power = exp_vector(d, hn::Add(size, size));
  const V far = hn::Sub(one, hn::Div(hn::Set(d, 2.0f), hn::Add(power, one)));
  return hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.625f)), near, hn::CopySign(far, x));
}

template <Activation kActivation, class D, class V = hn::Vec<D>>
HWY_INLINE V activate_vector(D d, V x) {
  if constexpr (kActivation == Activation::relu) {
    // Not Max: a NaN must stay.
    return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
  } else if constexpr (kActivation == Activation::gelu) {
    return gelu_vector(d, x);
  } else if constexpr (kActivation == Activation::gelu_tanh) {
    return gelu_tanh_vector(d, x);
  } else if constexpr (kActivation == Activation::quick_gelu) {
    return quick_gelu_vector(d, x);
  } else if constexpr (kActivation == Activation::silu) {
    return silu_vector(d, x);
  } else if constexpr (kActivation == Activation::tanh) {
    return tanh_vector(d, x);
  } else if constexpr (kActivation == Activation::sigmoid) {
    return sigmoid_vector(d, x);
  } else {
    static_assert(kActivation == Activation::none);
    return x;
  }
}

}  // namespace
}  // namespace weft::kernels
