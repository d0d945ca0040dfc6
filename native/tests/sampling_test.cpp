// Filters against what Hugging Face's logits processors give, the drawn tokens against their probabilities,
// the same tokens whatever the threads, and bad input.
#include "ops/sampling.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "core/thread_pool.h"
#include "ops/portable_exp.h"
#include "tests/check.h"

namespace {

using weft::Status;
using weft::Team;
using weft::tests::Random;
namespace ops = weft::ops;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

const std::vector<float> kLogits = {2.0f, 1.0f, 1.0f, 0.5f, -1.0f, 3.0f, 1.0f, -0.5f};

void check_kept(const char* what, const ops::SamplingOptions& options, const std::vector<float>& logits,
                const std::vector<int32_t>& history, const std::vector<ops::TokenProbability>& expected) {
  std::vector<ops::TokenProbability> kept;
  const Status status = ops::filter_tokens(options, logits.size(), logits.data(), history, kept);
  WEFT_CHECK(status == Status::ok, std::string(what) + " fails");
  if (!WEFT_CHECK(kept.size() == expected.size(),
                  std::string(what) + " keeps " + std::to_string(kept.size()))) {
    return;
  }
  for (size_t i = 0; i < kept.size(); ++i) {
    WEFT_CHECK(kept[i].token == expected[i].token &&
                   weft::tests::close(kept[i].probability, expected[i].probability, 1e-7, 1e-6),
               std::string(what) + ": token " + std::to_string(kept[i].token) + " at " +
                   std::to_string(kept[i].probability));
  }
}

// transformers: RepetitionPenaltyLogitsProcessor(1.3), TemperatureLogitsWarper(0.7), TopKLogitsWarper(3),
// TopPLogitsWarper(0.6) on kLogits after tokens 5, 4, 5, 0. Three tokens tie for the third place and stay.
void test_filters() {
  const std::vector<int32_t> history = {5, 4, 5, 0};
  check_kept("top-k with ties", {0.7f, 3, 1.0f, 1.3f}, kLogits, history,
             {{0, 0.18549524247646332},
              {1, 0.08595280349254608},
              {2, 0.08595280349254608},
              {5, 0.5566464066505432},
              {6, 0.08595280349254608}});
  check_kept("top-p after top-k", {0.7f, 3, 0.6f, 1.3f}, kLogits, history,
             {{0, 0.24994586408138275}, {5, 0.750054121017456}});
  check_kept("top-p of 0", {1.0f, 0, 0.0f, 1.0f}, kLogits, {}, {{5, 1.0}});
  const std::vector<float> logs = {std::log(0.05f), std::log(0.1f), std::log(0.5f), std::log(0.35f)};
  check_kept("top-p", {1.0f, 0, 0.9f, 1.0f}, logs, {},
             {{1, 0.10526314377784729}, {2, 0.5263157486915588}, {3, 0.3684210479259491}});
  check_kept("greedy", {0.0f, 0, 1.0f, 1.0f}, {1.0f, 4.0f, 4.0f, 2.0f}, {}, {{1, 1.0}});
  check_kept("greedy after a penalty", {0.0f, 0, 1.0f, 2.0f}, {1.0f, 4.0f, 3.0f, 2.0f}, {1}, {{2, 1.0}});
  check_kept("masked tokens", {1.0f, 5, 1.0f, 1.0f}, {-kInfinity, 1.0f, -kInfinity, 1.0f}, {},
             {{1, 0.5}, {3, 0.5}});
  check_kept("equal tokens under top-p", {1.0f, 0, 0.5f, 1.0f}, {1.0f, 1.0f, 1.0f, 1.0f}, {},
             {{0, 0.5}, {1, 0.5}});
}

void test_frequencies() {
  constexpr size_t kDraws = 40000;
  Team team;
  const ops::SamplingOptions options = {0.8f, 5, 0.97f, 1.0f};
  std::vector<ops::TokenProbability> kept;
  WEFT_CHECK(ops::filter_tokens(options, kLogits.size(), kLogits.data(), {}, kept) == Status::ok, "fails");
  std::vector<size_t> counts(kLogits.size());
  for (size_t draw = 0; draw < kDraws; ++draw) {
    int32_t token = -1;
    ops::sample_tokens(team, options, 1, kLogits.size(), kLogits.data(), 0, {}, 12345, draw, &token);
    ++counts[static_cast<size_t>(token)];
  }
  size_t counted = 0;
  for (const ops::TokenProbability& each : kept) {
    const size_t count = counts[static_cast<size_t>(each.token)];
    const double deviation = std::sqrt(each.probability * (1 - each.probability) / kDraws);
    WEFT_CHECK(std::fabs(static_cast<double>(count) / kDraws - each.probability) < 5 * deviation + 1e-12,
               "token " + std::to_string(each.token) + " comes " + std::to_string(count) + " times");
    counted += count;
  }
  WEFT_CHECK(counted == kDraws, "tokens that the filters took away are drawn");
}

void test_reproducible() {
  constexpr size_t kRows = 64, kVocabulary = 1000;
  Random random(31);
  const std::vector<float> logits = random.numbers(kRows * kVocabulary, -4, 4);
  std::shared_ptr<weft::ThreadPool> pool;
  WEFT_CHECK(weft::ThreadPool::create(3, pool) == Status::ok, "no pool");
  Team alone, team(*pool);
  std::vector<int32_t> first(kRows), second(kRows), other(kRows);
  const ops::SamplingOptions options = {0.9f, 50, 0.95f, 1.0f};
  const auto sample = [&](Team& who, uint64_t seed, uint64_t draw, std::vector<int32_t>& tokens) {
    return ops::sample_tokens(who, options, kRows, kVocabulary, logits.data(), kVocabulary, {}, seed, draw,
                              tokens.data());
  };
  WEFT_CHECK(sample(alone, 7, 3, first) == Status::ok && sample(team, 7, 3, second) == Status::ok, "fails");
  WEFT_CHECK(first == second, "the number of threads changes the tokens");
  WEFT_CHECK(sample(alone, 8, 3, other) == Status::ok && other != first, "the seed changes nothing");
  WEFT_CHECK(sample(alone, 7, 4, other) == Status::ok && other != first, "the draw changes nothing");
  // The numbers are part of the contract: a recorded run must come out the same after any change of ours.
  WEFT_CHECK(ops::draw_number(0, 0, 0) == 0x1.1c13ade1c7e5cp-3, "draw_number(0, 0, 0) is another number");
  WEFT_CHECK(ops::draw_number(42, 5, 2) == 0x1.b6502cc36dc10p-2, "draw_number(42, 5, 2) is another number");
}

void test_portable_exp() {
  Random random(41);
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = -700 + 1400 * static_cast<double>(random.bits() >> 11) * 0x1p-53;
    worst = std::max(worst, std::fabs(ops::portable_exp(x) / std::exp(x) - 1));
  }
  WEFT_CHECK(worst < 4.5e-16, "exp is off by " + std::to_string(worst * 1e16) + "e-16");
  WEFT_CHECK(ops::portable_exp(0) == 1 && ops::portable_exp(-1000) == 0 &&
                 std::isinf(ops::portable_exp(1000)) &&
                 std::isnan(ops::portable_exp(static_cast<double>(std::nanf("")))),
             "special numbers");
}

void test_refusals() {
  std::vector<ops::TokenProbability> kept;
  const auto filter = [&](const ops::SamplingOptions& options, const std::vector<float>& logits,
                          const std::vector<int32_t>& history) {
    return ops::filter_tokens(options, logits.size(), logits.data(), history, kept);
  };
  const float nan = std::nanf("");
  WEFT_CHECK(filter({-1.0f, 0, 1.0f, 1.0f}, kLogits, {}) == Status::invalid_argument, "negative temperature");
  WEFT_CHECK(filter({nan, 0, 1.0f, 1.0f}, kLogits, {}) == Status::invalid_argument, "NaN temperature");
  WEFT_CHECK(filter({1.0f, 0, 1.5f, 1.0f}, kLogits, {}) == Status::invalid_argument, "top-p above 1");
  WEFT_CHECK(filter({1.0f, 0, 1.0f, 0.0f}, kLogits, {}) == Status::invalid_argument, "penalty of 0");
  WEFT_CHECK(filter({}, kLogits, {8}) == Status::invalid_argument, "history beyond the vocabulary");
  WEFT_CHECK(filter({}, kLogits, {-1}) == Status::invalid_argument, "negative history");
  WEFT_CHECK(filter({}, {}, {}) == Status::invalid_argument, "no vocabulary");
  WEFT_CHECK(filter({}, {1.0f, nan}, {}) == Status::not_finite, "NaN logit");
  WEFT_CHECK(filter({}, {1.0f, kInfinity}, {}) == Status::not_finite, "infinite logit");
  WEFT_CHECK(filter({}, {-kInfinity, -kInfinity}, {}) == Status::not_finite, "everything masked");
}

}  // namespace

int main() {
  weft::tests::forced_table();
  test_filters();
  test_frequencies();
  test_reproducible();
  test_portable_exp();
  test_refusals();
  return weft::tests::summary("sampling");
}
