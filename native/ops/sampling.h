// Draws tokens from logits, filtered as Hugging Face's generate does: repetition penalty, temperature, top-k,
// top-p, in this order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/status.h"
#include "core/team.h"

namespace weft::ops {

struct SamplingOptions {
  // Logits are divided by it; 0 takes the most probable token, of equal ones the first.
  float temperature = 1;
  // Keeps tokens whose logit is at least the k-th largest, ties included; 0 keeps all.
  size_t top_k = 0;
  // Keeps the most probable tokens (of equal ones the earlier) until their probabilities, renormalised after
  // top-k, reach top_p; always at least one. 1 keeps all.
  float top_p = 1;
  // Logits of tokens in `history` are divided by it where positive, multiplied where negative (Keskar et al.
  // 2019). 1 changes nothing.
  float repetition_penalty = 1;
};

struct TokenProbability {
  int32_t token;
  double probability;
};

// What the filters leave of one row, by ascending token, with probabilities that add up to 1. Tokens at
// -infinity are never left. history: tokens below vocabulary. invalid_argument, out_of_memory; not_finite
// when a logit is NaN or +infinity, or all are -infinity.
Status filter_tokens(const SamplingOptions& options, size_t vocabulary, const float* logits,
                     std::span<const int32_t> history, std::vector<TokenProbability>& kept) noexcept;

// A number in [0, 1) that depends on nothing but its arguments: a counter through splitmix64's finaliser
// (Steele et al. 2014) instead of a generator whose state must travel.
double draw_number(uint64_t seed, uint64_t draw, uint64_t row) noexcept;

// One token per row, in parallel. The same seed, draw and logits give the same tokens on every machine and
// with any number of threads. logits: [rows, vocabulary] at a stride; histories: empty or one per row; draw:
// counts the calls of a generation. As filter_tokens; cancelled.
Status sample_tokens(Team& team, const SamplingOptions& options, size_t rows, size_t vocabulary,
                     const float* logits, size_t stride, std::span<const std::span<const int32_t>> histories,
                     uint64_t seed, uint64_t draw, int32_t* tokens) noexcept;

}  // namespace weft::ops
