// The epilogue of the matrix products on vectors of any width. Included by gemm_*_vector.h only; everything
// has internal linkage.
#pragma once

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/activation_vector.h"
#include "kernels/gemm.h"

namespace weft::kernels {
namespace {

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;

// Where a tile of sums belongs: `rows` x `columns` results at (row, column) of the block.
struct TilePlace {
  size_t row;
  size_t rows;
  size_t column;
  size_t columns;
};

// load(p) and store(v, p) move one vector, whole or cut at the end of the row.
template <Activation kActivation, class Load, class Store>
HWY_INLINE void finish_vector(const GemmEpilogue& epilogue, size_t row, size_t column, FloatVector x,
                              Load load, Store store, float* out) {
  const Floats d;
  if (epilogue.bias != nullptr) x = hn::Add(x, load(epilogue.bias + column));
  x = activate_vector<kActivation>(d, x);
  if (epilogue.multiply != nullptr)
    x = hn::Mul(x, load(epilogue.multiply + row * epilogue.multiply_stride + column));
  if (epilogue.column_scale != nullptr) x = hn::Mul(x, load(epilogue.column_scale + column));
  const FloatVector scale = hn::Set(d, epilogue.scale);
  if (epilogue.residual != nullptr) {
    x = hn::MulAdd(x, scale, load(epilogue.residual + row * epilogue.residual_stride + column));
  } else {
    x = hn::Mul(x, scale);
  }
  store(x, out);
}

template <Activation kActivation>
HWY_NOINLINE void finish_tile(const GemmBlock& block, const TilePlace& place, const float* sums,
                              size_t sums_stride) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
  const auto store = [&](FloatVector x, float* to) HWY_ATTR { hn::StoreU(x, d, to); };
  for (size_t r = 0; r < place.rows; ++r) {
    const size_t row = place.row + r;
    float* out = block.out + row * block.out_stride + place.column;
    size_t c = 0;
    for (; c + lanes <= place.columns; c += lanes) {
      finish_vector<kActivation>(block.epilogue, row, place.column + c,
                                 hn::Load(d, sums + r * sums_stride + c), load, store, out + c);
    }
    if (c == place.columns) continue;
    const size_t rest = place.columns - c;
    const auto load_rest = [&](const float* from) HWY_ATTR { return hn::LoadN(d, from, rest); };
    const auto store_rest = [&](FloatVector x, float* to) HWY_ATTR { hn::StoreN(x, d, to, rest); };
    finish_vector<kActivation>(block.epilogue, row, place.column + c, hn::Load(d, sums + r * sums_stride + c),
                               load_rest, store_rest, out + c);
  }
}

// sums: [place.rows][sums_stride], aligned, with whole vectors.
HWY_INLINE void finish_tile(const GemmBlock& block, const TilePlace& place, const float* sums,
                            size_t sums_stride) {
  switch (block.epilogue.activation) {
    case Activation::none:
      return finish_tile<Activation::none>(block, place, sums, sums_stride);
    case Activation::relu:
      return finish_tile<Activation::relu>(block, place, sums, sums_stride);
    case Activation::gelu:
      return finish_tile<Activation::gelu>(block, place, sums, sums_stride);
    case Activation::gelu_tanh:
      return finish_tile<Activation::gelu_tanh>(block, place, sums, sums_stride);
    case Activation::quick_gelu:
      return finish_tile<Activation::quick_gelu>(block, place, sums, sums_stride);
    case Activation::silu:
      return finish_tile<Activation::silu>(block, place, sums, sums_stride);
    case Activation::tanh:
      return finish_tile<Activation::tanh>(block, place, sums, sums_stride);
    case Activation::sigmoid:
      return finish_tile<Activation::sigmoid>(block, place, sums, sums_stride);
  }
}

}  // namespace
}  // namespace weft::kernels
