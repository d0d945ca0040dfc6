// A stack under strain: many at once on few threads, cancelled at any moment, without memory at any place,
// thousands of times. What it computes is tested through JavaScript.
#include "ops/stack.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "core/buffer.h"
#include "ops/cpu_operators.h"
#include "ops/stack_builder.h"
#include "ops/stack_run.h"
#include "tests/check.h"
#include "tests/finish.h"

namespace {

using weft::memory_usage;
using weft::Status;
using weft::ThreadPool;
using weft::ops::Stack;
using weft::ops::StackInput;
using weft::ops::StackOutput;
using weft::ops::StackRun;
using weft::tests::Finish;
using weft::tests::Random;
using Clock = std::chrono::steady_clock;

// Weights of causal pre-norm blocks, to be kept until the stack is built.
class Builder {
 public:
  Builder(size_t width, size_t layers) : width_(width) {
    plan_.definition->width = width;
    plan_.definition->sublayers.resize(2 * layers);
    for (size_t layer = 0; layer < layers; ++layer) {
      attention(plan_.definition->sublayers[2 * layer]);
      feed_forward(plan_.definition->sublayers[2 * layer + 1]);
    }
    norm(plan_.definition->norm);
  }

  std::shared_ptr<const Stack> build(const weft::dispatch::KernelTable& table, ThreadPool& pool) {
    weft::ops::StackBuild build(weft::ops::cpu_operators(table), pool, std::move(plan_));
    Finish finish;
    pool.submit(build, &Finish::on_finished, &finish);
    finish.await(1);
    WEFT_CHECK(build.status() == Status::ok && build.stack() != nullptr, "building: " + build.detail());
    return build.stack();
  }

 private:
  static constexpr size_t kHeadSize = 64;

  void norm(std::optional<weft::ops::OwnedNorm>& target) { target.emplace(); }

  void linear(weft::ops::Linear& target, size_t outputs, size_t inputs) {
    const float reach = 1.0f / std::sqrt(static_cast<float>(inputs));
    weights_.push_back(
        std::make_unique<std::vector<float>>(random_.numbers(outputs * inputs, -reach, reach)));
    weft::ops::LinearLoad load;
    load.target = &target;
    load.parts.push_back(
        {{"w", weights_.back()->data(), weft::DType::f32, outputs * inputs, nullptr, nullptr},
         outputs,
         inputs});
    plan_.linears.push_back(std::move(load));
  }

  void attention(weft::ops::Sublayer& sublayer) {
    norm(sublayer.before);
    weft::ops::AttentionLayer& layer = sublayer.attention.emplace();
    layer.heads = layer.key_heads = width_ / kHeadSize;
    layer.head_size = kHeadSize;
    layer.scale = 0.125f;
    layer.causal = true;
    linear(layer.query, 3 * width_, width_);
    linear(layer.output, width_, width_);
  }

  void feed_forward(weft::ops::Sublayer& sublayer) {
    norm(sublayer.before);
    weft::ops::FeedForward& layer = sublayer.feed_forward.emplace();
    linear(layer.up, 4 * width_, width_);
    linear(layer.down, width_, 4 * width_);
    sublayer.ends_layer = true;
  }

  size_t width_;
  Random random_{1};
  weft::ops::StackPlan plan_;
  std::vector<std::unique_ptr<std::vector<float>>> weights_;
};

// Rows of one run and what the run points to.
struct Rows {
  std::vector<float> numbers;
  StackInput input;

  Rows(size_t batch, size_t length, size_t width, uint64_t seed)
      : numbers(Random(seed).numbers(batch * length * width)) {
    input.batch = batch;
    input.length = length;
    input.rows = numbers.data();
  }
};

std::shared_ptr<ThreadPool> make_pool(unsigned threads) {
  std::shared_ptr<ThreadPool> pool;
  WEFT_CHECK(ThreadPool::create(threads, pool) == Status::ok, "a pool");
  return pool;
}

std::vector<float> hidden_of(const StackOutput& output) {
  const float* numbers = output.hidden->floats();
  return {numbers, numbers + output.hidden->count()};
}

// The largest difference of two lists of numbers.
double distance(const std::vector<float>& one, const std::vector<float>& other) {
  double most = one.size() == other.size() ? 0 : INFINITY;
  for (size_t index = 0; index < std::min(one.size(), other.size()); ++index) {
    const double difference = std::fabs(double{one[index]} - double{other[index]});
    most = std::isnan(difference) ? INFINITY : std::max(most, difference);
  }
  return most;
}

void eight_at_once_agree_with_one_alone(const weft::dispatch::KernelTable& table) {
  constexpr size_t kWidth = 128;
  const auto pool = make_pool(2);
  const auto stack = Builder(kWidth, 2).build(table, *pool);
  std::vector<Rows> rows;
  std::vector<std::vector<float>> alone;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    rows.emplace_back(1 + seed % 3, 5 + 9 * seed, kWidth, seed);
    weft::Team team;
    StackOutput output;
    WEFT_CHECK(stack->run(team, rows.back().input, output) == Status::ok, "alone");
    alone.push_back(hidden_of(output));
  }
  for (int round = 0; round < 6; ++round) {
    std::vector<std::unique_ptr<StackRun>> runs;
    Finish finish;
    for (const Rows& each : rows) {
      runs.push_back(
          std::make_unique<StackRun>(stack, *pool, each.input, std::vector<std::shared_ptr<weft::Tensor>>{}));
      WEFT_CHECK(pool->submit(*runs.back(), &Finish::on_finished, &finish) == Status::ok, "submitted");
    }
    finish.await(runs.size());
    for (size_t index = 0; index < runs.size(); ++index) {
      WEFT_CHECK(runs[index]->status() == Status::ok, "one of eight");
      WEFT_CHECK(distance(hidden_of(runs[index]->output()), alone[index]) < 1e-5, "one of eight differs");
    }
  }
}

size_t resident_bytes() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm").ignore(64, ' ') >> pages;
  return pages * 4096;
}

void thousands_of_runs_leave_nothing(const weft::dispatch::KernelTable& table) {
  constexpr size_t kWidth = 64;
  constexpr int kRuns = 3000;
  constexpr int kWarm = 300;
  const auto pool = make_pool(2);
  const auto stack = Builder(kWidth, 1).build(table, *pool);
  size_t used = 0;
  size_t resident = 0;
  bool ok = true;
  for (int run = 0; run < kRuns; ++run) {
    Rows rows(1, 1 + static_cast<size_t>(run) % 24, kWidth, 7);
    StackRun operation(stack, *pool, rows.input, {});
    // Every seventh is cancelled somewhere.
    if (run % 7 == 0) operation.cancel();
    Finish finish;
    pool->submit(operation, &Finish::on_finished, &finish);
    finish.await(1);
    ok = ok && operation.status() == (run % 7 == 0 ? Status::cancelled : Status::ok);
    operation.output() = {};
    if (run != kWarm) continue;
    used = memory_usage().used;
    resident = resident_bytes();
  }
  WEFT_CHECK(ok, "runs and cancelled runs");
  WEFT_CHECK(memory_usage().used == used,
             "after " + std::to_string(kRuns) + " runs " + std::to_string(memory_usage().used) +
                 " bytes are in use, after " + std::to_string(kWarm) + " runs " + std::to_string(used));
  std::printf("resident memory grew by %.1f MB in %d runs\n",
              (static_cast<double>(resident_bytes()) - static_cast<double>(resident)) / 1e6, kRuns - kWarm);
}

// The limit rises step by step, so that every allocation of a run fails once.
void fails_cleanly_without_memory(const weft::dispatch::KernelTable& table) {
  constexpr size_t kWidth = 128;
  constexpr size_t kLength = 40;
  const auto pool = make_pool(2);
  const auto stack = Builder(kWidth, 2).build(table, *pool);
  std::unique_ptr<weft::ops::KvCache> cache;
  WEFT_CHECK(stack->new_cache(2, cache) == Status::ok, "a cache");
  Rows first(2, kLength, kWidth, 1);
  Rows second(2, 3, kWidth, 2);
  first.input.cache = second.input.cache = cache.get();
  const auto run = [&](StackInput& input, std::vector<float>* hidden = nullptr) {
    StackRun operation(stack, *pool, input, {});
    Finish finish;
    pool->submit(operation, &Finish::on_finished, &finish);
    finish.await(1);
    if (operation.status() == Status::ok && hidden != nullptr) *hidden = hidden_of(operation.output());
    return operation.status();
  };
  std::vector<float> expected, received;
  WEFT_CHECK(run(first.input) == Status::ok && run(second.input, &expected) == Status::ok, "with memory");
  WEFT_CHECK(cache->crop(0) == Status::ok, "emptied");

  size_t refused = 0;
  for (StackInput* input : {&first.input, &second.input}) {
    const size_t used = memory_usage().used;
    Status status = Status::out_of_memory;
    for (size_t room = 0; status == Status::out_of_memory && room < (size_t{64} << 20);
         room += size_t{1} << 13) {
      const size_t length = cache->length();
      weft::set_memory_limit(memory_usage().used + room);
      status = run(*input, &received);
      if (status == Status::out_of_memory) {
        ++refused;
        WEFT_CHECK(cache->length() == length, "a failed run leaves the cache as it was");
      }
    }
    weft::set_memory_limit(SIZE_MAX);
    WEFT_CHECK(status == Status::ok, "enough memory in the end");
    WEFT_CHECK(memory_usage().used < used + (size_t{16} << 20), "nothing lost");
  }
  WEFT_CHECK(refused > 10, "only " + std::to_string(refused) + " refusals");
  WEFT_CHECK(distance(received, expected) < 1e-5, "what failed before did not change the result");
  std::printf("%zu runs without memory\n", refused);
}

#if defined(__SANITIZE_THREAD__)
constexpr bool kIsInstrumented = true;
#else
constexpr bool kIsInstrumented = false;
#endif

// Cancelled at a random moment, a run ends long before it would have. Prints how long after the request.
void ends_soon_when_cancelled(const weft::dispatch::KernelTable& table) {
  // Under the thread sanitizer a large run takes seconds, and there are sixty.
  const bool is_slow = kIsInstrumented || std::strcmp(table.isa, "scalar") == 0;
  const size_t width = is_slow ? 128 : 1024;
  const auto pool = make_pool(2);
  const auto stack = Builder(width, 3).build(table, *pool);
  Rows rows(2, is_slow ? 64 : 577, width, 3);
  rows.input.want_hidden = true;

  const auto seconds_of = [&](double cancel_after, double& whole, bool& cancelled) {
    StackRun operation(stack, *pool, rows.input, {});
    Finish finish;
    const auto start = Clock::now();
    pool->submit(operation, &Finish::on_finished, &finish);
    if (cancel_after >= 0) {
      std::this_thread::sleep_for(std::chrono::duration<double>(cancel_after));
      operation.cancel();
    }
    const auto asked = Clock::now();
    finish.await(1);
    cancelled = operation.status() == Status::cancelled;
    whole = std::chrono::duration<double>(Clock::now() - start).count();
    return std::chrono::duration<double>(Clock::now() - asked).count();
  };

  double whole = 0;
  bool cancelled = false;
  seconds_of(-1, whole, cancelled);
  seconds_of(-1, whole, cancelled);
  WEFT_CHECK(!cancelled && whole > 0, "uncancelled");
  constexpr int kRuns = 60;
  std::vector<double> latencies;
  Random random(5);
  for (int run = 0; run < kRuns; ++run) {
    double ignored = 0;
    const double latency = seconds_of(0.8 * whole * random.number(0.0f, 1.0f), ignored, cancelled);
    if (cancelled) latencies.push_back(latency);
  }
  WEFT_CHECK(latencies.size() > kRuns / 2, std::to_string(latencies.size()) + " runs were cancelled in time");
  std::sort(latencies.begin(), latencies.end());
  const double median = latencies.empty() ? whole : latencies[latencies.size() / 2];
  // Not a matter of speed: without a look at every tile the median would be near half of the run.
  WEFT_CHECK(median < whole / 6, "the median end came " + std::to_string(median) +
                                     " s after the request, a run takes " + std::to_string(whole));
  if (latencies.empty()) return;
  std::printf(
      "a run takes %.1f ms; cancelled, it ends after %.2f ms (median), %.2f ms (p99), %.2f ms (most)\n",
      whole * 1e3, median * 1e3, latencies[latencies.size() * 99 / 100] * 1e3, latencies.back() * 1e3);
}

}  // namespace

int main() {
  const weft::dispatch::KernelTable& table = weft::tests::forced_table();
  eight_at_once_agree_with_one_alone(table);
  thousands_of_runs_leave_nothing(table);
  fails_cleanly_without_memory(table);
  ends_soon_when_cancelled(table);
  return weft::tests::summary("stack");
}
