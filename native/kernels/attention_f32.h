// Signatures of the attention kernels, one table per variant: the steps of a streaming softmax over one tile
// of keys. Included by every variant's source, so it holds plain data and declarations only.
//
// Two forms. The block form takes many queries at once, side by side in the lanes of vectors: scores and
// accumulators are transposed, [key][query] and [element][query], so that keys and values are read as they
// are stored, one number broadcast at a time, and the softmax never sums across lanes. The row form takes few
// queries, one at a time or in small groups, with the elements of a head in the lanes: what a decoding step
// and the queries that do not fill a vector need. Row state may continue what the block form began.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::kernels {

// A block has 1 to kMostQueryVectors whole vectors of queries; that many times `lanes` are its columns.
constexpr size_t kMostQueryVectors = 3;

// What is added to scores, in base e, and which keys are hidden (their scores become -infinity). Arrays have
// an entry for every query of the call, in the block form for every column. Key numbers count from the first
// key of the problem, not of the tile. What is added is summed first; times log2(e) it stays at the lowest
// float where it was finite, so that a mask of lowest floats keeps its meaning.
struct ScoreTerms {
  // Key j is hidden from query q unless first[q] <= j < end[q] or j < prefix; null: no key is hidden.
  const int32_t* first;
  const int32_t* end;
  int32_t prefix;
  const float* key_bias;     // [keys]: added for key j; null: none
  const float* const* bias;  // bias[q][j] is added; null: none
  const float* slopes;       // slopes[q] * (j - positions[q]) is added; null: none
  const int32_t* positions;
};

// Memory named `aligned` starts at a multiple of 64 bytes. Strides are in floats.
struct AttentionF32 {
  size_t lanes;  // queries in one vector of the block form, at most 16

  // out[j][d] = in[j * stride + d] for `count` rows of `width` numbers: keys or values of one tile, without
  // gaps.
  void (*gather_rows)(const float* in, size_t stride, size_t count, size_t width, float* out);

  // queries[d][q] = scale * rows[q][d]. rows: [columns]; queries: [head_size][columns], aligned.
  void (*block_pack)(const float* const* rows, size_t columns, size_t head_size, float scale, float* queries);

  // scores[j][q] = sum over d of keys[j][d] * queries[d][q]. scores: [key_count][columns], aligned.
  void (*block_scores)(const float* queries, size_t columns, size_t head_size, const float* keys,
                       size_t key_stride, size_t key_count, float* scores);

  // Adds and hides what `terms` says; the tile's keys are first_key and the following.
  void (*block_terms)(const ScoreTerms& terms, size_t first_key, size_t key_count, size_t columns,
                      float* scores);

  // One step of the online softmax. maxima become the greatest scores so far, scores become
  // 2^(score - maximum), factors become 2^(old maximum - new maximum) and sums become
  // factor * sum + the new terms. Begin with maxima at -infinity and sums at 0; while a maximum is -infinity
  // all its terms are 0. maxima, sums, factors: [columns], aligned.
  void (*block_weigh)(size_t key_count, size_t columns, float* scores, float* maxima, float* sums,
                      float* factors);

  // totals[d][q] = factors[q] * totals[d][q] + sum over j of weights[j][q] * values[j][d]; factors null:
  // totals are undefined before and count as 0. totals: [head_size][columns], aligned.
  void (*block_accumulate)(const float* weights, size_t columns, size_t key_count, const float* values,
                           size_t value_stride, size_t head_size, const float* factors, float* totals);

  // rows[q][d] = factors[q] * totals[d][q] for q below `count`.
  void (*block_store)(const float* totals, size_t columns, size_t head_size, const float* factors,
                      size_t count, float* const* rows);

  // scores[q * score_stride + j] = scale * sum over d of rows[q][d] * keys[j][d], for `count` rows.
  void (*row_scores)(const float* const* rows, size_t count, size_t head_size, float scale, const float* keys,
                     size_t key_stride, size_t key_count, float* scores, size_t score_stride);

  // As block_terms for query `query` alone. scores: [key_count].
  void (*row_terms)(const ScoreTerms& terms, size_t query, size_t first_key, size_t key_count, float* scores);

  // As block_weigh for one query; returns the factor.
  float (*row_weigh)(size_t key_count, float* scores, float* maximum, float* sum);

  // rows[q][d] = factors[q] * rows[q][d] + sum over j of weights[q * weight_stride + j] * values[j][d], for
  // `count` rows; factors null: rows are undefined before and count as 0.
  void (*row_accumulate)(const float* weights, size_t weight_stride, size_t count, size_t key_count,
                         const float* values, size_t value_stride, size_t head_size, const float* factors,
                         float* const* rows);
};

extern const AttentionF32 attention_f32_scalar;
extern const AttentionF32 attention_f32_avx2;
extern const AttentionF32 attention_f32_avx512;
extern const AttentionF32 attention_f32_neon;

}  // namespace weft::kernels
