// Scaled dot-product attention with a streaming softmax: the matrix of scores never exists, only one tile of
// it. Sources: Vaswani et al. 2017, equation 1; Milakov and Gimelshein 2018 (online softmax); Dao et al. 2022
// (tiles).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

constexpr size_t kMostHeadSize = 256;
constexpr size_t kUnbounded = SIZE_MAX;

// Rows of one of query, key, value or output: element d of head h of row i of item b is
// data[b * batch_stride + i * row_stride + h * head_stride + d]. Strides in floats.
struct HeadRows {
  const float* data = nullptr;
  size_t batch_stride = 0;
  size_t row_stride = 0;
  size_t head_stride = 0;
};

// Which keys a query sees and what is added to its scores. Everything that is set applies.
struct AttentionMask {
  // Query i sees keys 0 .. i + causal_offset; with a cache the offset is the number of cached keys.
  bool causal = false;
  size_t causal_offset = 0;
  // Keys below this are seen by every query, whatever causal and windows say (prefix language models).
  size_t prefix = 0;
  // Query i sees keys from (i + causal_offset) - window_before to (i + causal_offset) + window_after.
  size_t window_before = kUnbounded;
  size_t window_after = kUnbounded;
  // [batch]: item b has only keys 0 .. key_counts[b] - 1 (right padding); null: all.
  const size_t* key_counts = nullptr;
  // Added to the score of key j of item b: key_bias[b * key_bias_stride + j]; -infinity hides a key, the
  // lowest float hides it while another is seen (as Hugging Face's masks do).
  const float* key_bias = nullptr;
  size_t key_bias_stride = 0;
  // Added to the score of query i and key j: bias[b * bias_batch_stride + h * bias_head_stride + i *
  // bias_row_stride + j]; relative positions and arbitrary masks. Strides may be 0.
  const float* bias = nullptr;
  size_t bias_batch_stride = 0;
  size_t bias_head_stride = 0;
  size_t bias_row_stride = 0;
  // ALiBi: slopes[h] * (j - (i + causal_offset)) is added; null: none.
  const float* slopes = nullptr;
};

struct Attention {
  size_t batch = 0;
  size_t heads = 0;
  // Heads of key and value; divides heads: query head h reads key head h / (heads / key_heads).
  size_t key_heads = 0;
  size_t head_size = 0;  // 1 .. kMostHeadSize
  size_t queries = 0;
  size_t keys = 0;
  float scale = 1.0f;  // usually 1 / sqrt(head_size)
  HeadRows query, key, value;
  AttentionMask mask;
};

// out: [batch, queries] rows with the given strides, head_size numbers per head. A query that sees no key, or
// only keys at -infinity, gives zeros (as PyTorch's SDPA does); one whose keys are all at the lowest float
// gives their average. A hidden key has weight 0, so values (not keys) that are infinite or NaN reach queries
// of the same call that do not see them; keys from key_counts on are never read. invalid_argument for sizes
// out of range, heads that key_heads does not divide, and more than 2^30 keys, queries or cached keys.
// out_of_memory when there is no scratch memory. Checks team.is_cancelled() before every tile.
Status attend(Team& team, const dispatch::KernelTable& table, const Attention& problem, float* out,
              size_t out_batch_stride, size_t out_row_stride, size_t out_head_stride) noexcept;

// Many short branches over one shared prefix: query i of branch b sees all shared keys and its own branch's
// keys 0 .. i + mask.causal_offset. The shared part is one matrix product for all branches together; both
// softmaxes are merged exactly through their maxima and sums. `branches.batch` counts the branches, its key
// and value are the branches' own; shared_key and shared_value have batch_stride 0. Only mask.causal and
// mask.causal_offset of branches.mask apply.
Status attend_tree(Team& team, const dispatch::KernelTable& table, const Attention& branches,
                   size_t shared_keys, const HeadRows& shared_key, const HeadRows& shared_value, float* out,
                   size_t out_batch_stride, size_t out_row_stride, size_t out_head_stride) noexcept;

}  // namespace weft::ops
