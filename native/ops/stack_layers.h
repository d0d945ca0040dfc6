// What a transformer stack is made of: sublayers in the order they run. Each reads the stream of rows x and
// adds to it, or without a residual replaces it:
//   x = after(x + gate * column_scale * f(before(x)))
//   x = after(gate * column_scale * f(before(x)))
// Pre-norm blocks set `before`, post-norm blocks (Vaswani et al. 2017, BERT) set `after`, some set both or
// none. Gates: tanh (Flamingo, Alayrac et al. 2022), sigmoid; column_scale: layer scale (Touvron et al.
// 2021).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/activation.h"
#include "ops/linear.h"
#include "ops/rows.h"

namespace weft::ops {

struct OwnedNorm {
  NormKind kind = NormKind::layer;
  std::vector<float> weight;  // [width] or empty
  std::vector<float> bias;    // [width] or empty
  float epsilon = 1e-5f;

  Norm view() const noexcept {
    return {kind, weight.empty() ? nullptr : weight.data(), bias.empty() ? nullptr : bias.data(), epsilon};
  }
};

struct AttentionLayer {
  size_t heads = 0;
  size_t key_heads = 0;  // divides heads
  size_t head_size = 0;
  float scale = 1.0f;
  bool causal = false;
  bool rotary = false;
  // Self: rows x [query | key | value]. Cross: `query` alone from x, `key_value` [key | value] from the
  // memory.
  Linear query;
  Linear key_value;
  std::optional<size_t> memory;                   // index of the memory a cross-attention reads
  std::optional<OwnedNorm> query_norm, key_norm;  // over each head's numbers
  Linear output;

  bool is_cross() const noexcept { return memory.has_value(); }
  size_t query_width() const noexcept { return heads * head_size; }
  size_t key_width() const noexcept { return key_heads * head_size; }
};

// down(activation(up(x))), or gated: down(activation(gate(x)) * up(x)) (Shazeer 2020).
struct FeedForward {
  Linear up, gate, down;
  Activation activation = Activation::gelu;
};

struct Sublayer {
  std::optional<OwnedNorm> before, after;
  std::vector<float> column_scale;  // [width] or empty
  float scale = 1.0f;               // the gate, already through tanh or sigmoid
  bool residual = true;
  std::optional<AttentionLayer> attention;
  std::optional<FeedForward> feed_forward;
  // The stream after this sublayer is a hidden state (the end of what configurations count as a layer).
  bool ends_layer = false;
};

}  // namespace weft::ops
