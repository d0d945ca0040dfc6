// See ops/sampling.h.
#include "ops/sampling.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <new>

#include "core/scratch.h"
#include "ops/portable_exp.h"

namespace weft::ops {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

bool is_valid(const SamplingOptions& options, size_t vocabulary, std::span<const int32_t> history) {
  const bool in_range = std::isfinite(options.temperature) && options.temperature >= 0 &&
                        options.top_p >= 0 && options.top_p <= 1 && options.repetition_penalty > 0 &&
                        std::isfinite(options.repetition_penalty);
  const bool known = std::all_of(history.begin(), history.end(), [&](int32_t token) {
    return token >= 0 && static_cast<size_t>(token) < vocabulary;
  });
  return in_range && known && vocabulary >= 1 && vocabulary <= INT32_MAX;
}

Status check_logits(const float* logits, size_t vocabulary) {
  bool any = false;
  for (size_t i = 0; i < vocabulary; ++i) {
    if (std::isnan(logits[i]) || logits[i] == -kNever) return Status::not_finite;
    any = any || logits[i] != kNever;
  }
  return any ? Status::ok : Status::not_finite;
}

// From `original`, so that a token that occurs twice is penalised once.
void penalise(float penalty, std::span<const int32_t> history, const float* original, float* logits) {
  for (const int32_t token : history) {
    const float logit = original[token];
    logits[token] = logit < 0 ? logit * penalty : logit / penalty;
  }
}

// Working memory of one row: fresh pages would cost more than the arithmetic on them.
struct Workspace {
  std::span<float> logits;
  std::span<float> ranked;
  std::span<TokenProbability> kept;

  // Null spans when there is no memory. Valid until this thread asks for scratch memory again.
  static bool open(size_t vocabulary, Workspace& workspace) {
    const size_t bytes = vocabulary * (sizeof(TokenProbability) + 2 * sizeof(float));
    auto* kept = static_cast<TokenProbability*>(thread_scratch(bytes));
    if (kept == nullptr) return false;
    auto* floats = reinterpret_cast<float*>(kept + vocabulary);
    workspace = {{floats, vocabulary}, {floats + vocabulary, vocabulary}, {kept, vocabulary}};
    return true;
  }
};

void keep_top_k(size_t k, Workspace& work) {
  if (k == 0 || k >= work.logits.size()) return;
  std::copy(work.logits.begin(), work.logits.end(), work.ranked.begin());
  const auto kth = work.ranked.begin() + static_cast<ptrdiff_t>(k - 1);
  std::nth_element(work.ranked.begin(), kth, work.ranked.end(), std::greater<>());
  const float least = *kth;
  for (float& logit : work.logits) {
    if (logit < least) logit = kNever;
  }
}

// Softmax over what is left.
void gather(Workspace& work) {
  const double highest = *std::max_element(work.logits.begin(), work.logits.end());
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < work.logits.size(); ++i) {
    if (work.logits[i] == kNever) continue;
    const double power = portable_exp(work.logits[i] - highest);
    work.kept[count++] = {static_cast<int32_t>(i), power};
    sum += power;
  }
  work.kept = work.kept.first(count);
  for (TokenProbability& each : work.kept) each.probability /= sum;
}

// A token goes when those that rank before it already reach top_p. Hugging Face sums from the other end:
// tokens go while the sum of theirs and all lower probabilities is at most 1 - top_p, which is the same.
void keep_top_p(double top_p, std::span<TokenProbability>& kept) {
  if (top_p >= 1) return;
  // A heap, not a sort: few tokens are left of a large vocabulary.
  const auto ranks_after = [](const TokenProbability& a, const TokenProbability& b) {
    return a.probability < b.probability || (a.probability == b.probability && a.token > b.token);
  };
  std::make_heap(kept.begin(), kept.end(), ranks_after);
  double before = 0;
  auto rest = kept.end();
  while (rest != kept.begin() && (rest == kept.end() || before < top_p)) {
    std::pop_heap(kept.begin(), rest, ranks_after);
    before += (--rest)->probability;
  }
  kept = {rest, kept.end()};
  std::sort(kept.begin(), kept.end(),
            [](const TokenProbability& a, const TokenProbability& b) { return a.token < b.token; });
  for (TokenProbability& each : kept) each.probability /= before;
}

void filter(const SamplingOptions& options, const float* original, std::span<const int32_t> history,
            Workspace& work) {
  std::copy_n(original, work.logits.size(), work.logits.begin());
  penalise(options.repetition_penalty, history, original, work.logits.data());
  if (options.temperature == 0) {
    const auto best = std::max_element(work.logits.begin(), work.logits.end());
    work.kept[0] = {static_cast<int32_t>(best - work.logits.begin()), 1.0};
    work.kept = work.kept.first(1);
    return;
  }
  for (float& logit : work.logits) logit /= options.temperature;
  keep_top_k(options.top_k, work);
  gather(work);
  keep_top_p(static_cast<double>(options.top_p), work.kept);
}

// What the filters leave is in `work`.
Status filter_checked(const SamplingOptions& options, size_t vocabulary, const float* logits,
                      std::span<const int32_t> history, Workspace& work) {
  if (!is_valid(options, vocabulary, history)) return Status::invalid_argument;
  const Status finite = check_logits(logits, vocabulary);
  if (finite != Status::ok) return finite;
  if (!Workspace::open(vocabulary, work)) return Status::out_of_memory;
  filter(options, logits, history, work);
  return Status::ok;
}

uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int32_t choose(std::span<const TokenProbability> kept, double number) {
  double sum = 0;
  for (const TokenProbability& each : kept) {
    sum += each.probability;
    if (number < sum) return each.token;
  }
  // Rounding may leave the sum just below 1: then the last token that can be drawn at all.
  size_t last = kept.size() - 1;
  while (last > 0 && kept[last].probability == 0) --last;
  return kept[last].token;
}

}  // namespace

Status filter_tokens(const SamplingOptions& options, size_t vocabulary, const float* logits,
                     std::span<const int32_t> history, std::vector<TokenProbability>& kept) noexcept {
  Workspace work;
  const Status status = filter_checked(options, vocabulary, logits, history, work);
  if (status != Status::ok) return status;
  try {
    kept.assign(work.kept.begin(), work.kept.end());
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

double draw_number(uint64_t seed, uint64_t draw, uint64_t row) noexcept {
  return static_cast<double>(mix(mix(mix(seed) ^ draw) ^ row) >> 11) * 0x1p-53;
}

Status sample_tokens(Team& team, const SamplingOptions& options, size_t rows, size_t vocabulary,
                     const float* logits, size_t stride, std::span<const std::span<const int32_t>> histories,
                     uint64_t seed, uint64_t draw, int32_t* tokens) noexcept {
  if (!histories.empty() && histories.size() != rows) return Status::invalid_argument;
  std::atomic<Status> result{Status::ok};
  team.parallel(rows, [&](size_t row) {
    if (team.is_cancelled()) return;
    Workspace work;
    const std::span<const int32_t> history = histories.empty() ? std::span<const int32_t>() : histories[row];
    const Status status = filter_checked(options, vocabulary, logits + row * stride, history, work);
    if (status == Status::ok) {
      tokens[row] = choose(work.kept, draw_number(seed, draw, row));
    } else {
      result.store(status);
    }
  });
  return team.is_cancelled() ? Status::cancelled : result.load();
}

}  // namespace weft::ops
