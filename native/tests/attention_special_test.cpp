// What attention does at the edges: rows that see nothing, masks of -infinity and of the lowest float, NaN
// and infinity, refused problems, cancellation, and threads that share the work.
#include <atomic>
#include <memory>
#include <thread>

#include "attention_oracle.h"
#include "core/thread_pool.h"

namespace weft::tests {
namespace {

constexpr size_t kHeadSize = 24;
constexpr size_t kQueries = 70;
constexpr size_t kKeys = 500;

struct Special : DrawnAttention {
  explicit Special(Random& random, size_t query_count = kQueries, size_t key_count = kKeys)
      : DrawnAttention(random, 1, 2, 2, kHeadSize, query_count, key_count, Layout::separate) {}

  std::vector<float> run(const dispatch::KernelTable& table) const {
    const size_t width = problem.heads * problem.head_size;
    std::vector<float> out(problem.queries * width, 777.0f);
    Team team;
    const Status status = ops::attend(team, table, problem, out.data(), 0, width, problem.head_size);
    WEFT_CHECK(status == Status::ok, status_message(status));
    return out;
  }
};

bool all_zero(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return value == 0.0f; });
}

// The average of all values, for every query.
bool all_average(const Special& drawn, const std::vector<float>& out) {
  const size_t width = drawn.problem.heads * kHeadSize;
  for (size_t at = 0; at < out.size(); ++at) {
    double sum = 0.0;
    for (size_t key = 0; key < drawn.problem.keys; ++key) sum += drawn.values[key * width + at % width];
    if (!close(out[at], sum / static_cast<double>(drawn.problem.keys), 2e-6, 1e-5)) return false;
  }
  return true;
}

void test_masked_rows(const dispatch::KernelTable& table) {
  Random random(11);
  // Row by row, in blocks, and both.
  for (const size_t queries : {1, 48, 70}) {
    Special drawn(random, queries);
    drawn.key_bias.assign(kKeys, -kInfinity);
    drawn.problem.mask.key_bias = drawn.key_bias.data();
    WEFT_CHECK(all_zero(drawn.run(table)), "all keys at -infinity give zeros");

    drawn.key_bias.assign(kKeys, kLowestFloat);
    WEFT_CHECK(all_average(drawn, drawn.run(table)), "all keys at the lowest float give their average");

    drawn.problem.mask.key_bias = nullptr;
    drawn.bias.assign(queries * kKeys, kLowestFloat);
    drawn.problem.mask.bias = drawn.bias.data();
    drawn.problem.mask.bias_row_stride = kKeys;
    WEFT_CHECK(all_average(drawn, drawn.run(table)), "the lowest float as an additive mask");

    // One visible key after many at the lowest float: only it counts.
    for (size_t query = 0; query < queries; ++query) drawn.bias[query * kKeys + kKeys - 1] = 0.0f;
    compare_attention(table, drawn.problem, "one key is seen");
    drawn.problem.mask.bias = nullptr;

    const size_t none = 0;
    drawn.problem.mask.key_counts = &none;
    WEFT_CHECK(all_zero(drawn.run(table)), "no keys give zeros");
    drawn.problem.mask.key_counts = nullptr;
    drawn.problem.mask.window_before = 3;
    drawn.problem.mask.window_after = 0;
    drawn.problem.mask.causal_offset = kKeys + 100;
    WEFT_CHECK(all_zero(drawn.run(table)), "a window beyond the keys gives zeros");
  }
}

void test_not_finite(const dispatch::KernelTable& table) {
  Random random(12);
  for (const float odd : {std::nanf(""), kInfinity, -kInfinity}) {
    for (const size_t queries : {size_t{2}, kQueries}) {
      const std::string name = std::to_string(odd) + " in ";
      Special query(random, queries);
      query.queries[kHeadSize * 2 + 3] = odd;
      compare_attention(table, query.problem, name + "a query");
      Special key(random, queries);
      key.keys[kHeadSize * 2 * 130 + 5] = odd;
      key.problem.mask.causal = true;
      key.problem.mask.causal_offset = 100;
      compare_attention(table, key.problem, name + "a key that some queries do not see");
      Special value(random, queries);
      value.values[kHeadSize * 2 * 400 + 7] = odd;
      compare_attention(table, value.problem, name + "a value");
      Special bias(random, queries);
      bias.key_bias.assign(kKeys, 0.0f);
      bias.key_bias[300] = odd;
      bias.problem.mask.key_bias = bias.key_bias.data();
      compare_attention(table, bias.problem, name + "a bias");
    }
  }
  // Scores far apart: no sum overflows, small weights vanish. A score of 10^4 is rounded to 10^-3.
  Special large(random);
  for (float& number : large.queries) number *= 3000.0f;
  compare_attention(table, large.problem, "scores in the thousands", 1e-3);
}

void test_refusals(const dispatch::KernelTable& table) {
  Random random(13);
  const Special drawn(random);
  std::vector<float> out(kQueries * 2 * kHeadSize, 777.0f);
  const auto refused = [&](const char* what, auto change) {
    ops::Attention problem = drawn.problem;
    float* target = out.data();
    change(problem, target);
    Team team;
    const Status status = ops::attend(team, table, problem, target, 0, 2 * kHeadSize, kHeadSize);
    WEFT_CHECK(status == Status::invalid_argument, what);
  };
  refused("no heads", [](ops::Attention& problem, float*&) { problem.heads = 0; });
  refused("no key heads", [](ops::Attention& problem, float*&) { problem.key_heads = 0; });
  refused("heads that do not divide", [](ops::Attention& problem, float*&) { problem.heads = 3; });
  refused("no head size", [](ops::Attention& problem, float*&) { problem.head_size = 0; });
  refused("a head of 257", [](ops::Attention& problem, float*&) { problem.head_size = 257; });
  refused("2^40 keys", [](ops::Attention& problem, float*&) { problem.keys = size_t{1} << 40; });
  refused("an offset of 2^40",
          [](ops::Attention& problem, float*&) { problem.mask.causal_offset = size_t{1} << 40; });
  refused("no queries' data", [](ops::Attention& problem, float*&) { problem.query.data = nullptr; });
  refused("no keys' data", [](ops::Attention& problem, float*&) { problem.key.data = nullptr; });
  refused("no values' data", [](ops::Attention& problem, float*&) { problem.value.data = nullptr; });
  refused("no output", [](ops::Attention&, float*& target) { target = nullptr; });
  WEFT_CHECK(std::all_of(out.begin(), out.end(), [](float value) { return value == 777.0f; }),
             "a refused problem writes nothing");
}

// Stands for who asked for the work; only its cancel flag is used.
class Asker : public Operation {
 public:
  size_t task_count() const override { return 1; }
  void run_task(size_t) noexcept override {}
};

void test_cancellation(const dispatch::KernelTable& table) {
  Random random(14);
  std::shared_ptr<ThreadPool> pool;
  WEFT_CHECK(ThreadPool::create(2, pool) == Status::ok, "two threads");
  const Special drawn(random, 3000, 3000);
  std::vector<float> out(3000 * 2 * kHeadSize);
  const auto run = [&](const Operation& asker) {
    Team team(*pool, &asker);
    return ops::attend(team, table, drawn.problem, out.data(), 0, 2 * kHeadSize, kHeadSize);
  };
  Asker before;
  before.cancel();
  WEFT_CHECK(run(before) == Status::cancelled, "cancelled before the start");
  Asker never;
  WEFT_CHECK(run(never) == Status::ok, "not cancelled");

  // Cancelled while it runs, again and again until a cancellation has fallen inside.
  bool stopped = false;
  for (int round = 0; round < 1000 && !stopped; ++round) {
    Asker during;
    std::thread canceller([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      during.cancel();
    });
    stopped = run(during) == Status::cancelled;
    canceller.join();
  }
  WEFT_CHECK(stopped, "cancelled while running");
}

// Threads change who computes, not what.
void test_threads(const dispatch::KernelTable& table) {
  Random random(15);
  std::shared_ptr<ThreadPool> pool;
  WEFT_CHECK(ThreadPool::create(3, pool) == Status::ok, "three threads");
  for (const size_t queries : {1, 50, 300}) {
    const Special drawn(random, queries);
    const std::vector<float> alone = drawn.run(table);
    std::vector<float> shared(alone.size(), 777.0f);
    Team team(*pool);
    const Status status = ops::attend(team, table, drawn.problem, shared.data(), 0, 2 * kHeadSize, kHeadSize);
    WEFT_CHECK(status == Status::ok && shared == alone, "three threads give what one gives, bit for bit");
  }
}

}  // namespace
}  // namespace weft::tests

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  weft::tests::test_masked_rows(table);
  weft::tests::test_not_finite(table);
  weft::tests::test_refusals(table);
  weft::tests::test_cancellation(table);
  weft::tests::test_threads(table);
  return weft::tests::summary("attention_special");
}
