// The pool under stress: pieces and shared loops run exactly once, what they write is seen, nobody waits for
// ever, nobody spins for nothing. Meant to be run under ThreadSanitizer too.
#include "core/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include "core/operation.h"
#include "core/team.h"
#include "tests/check.h"
#include "tests/finish.h"

namespace {

using namespace std::chrono_literals;
using weft::Operation;
using weft::Status;
using weft::Team;
using weft::ThreadPool;
using weft::tests::Finish;

// Counts how often each piece ran, without atomics: the pool must order these writes before its end.
class Counted : public Operation {
 public:
  explicit Counted(size_t count) : runs_(count, 0) {}
  size_t task_count() const override { return runs_.size(); }
  void run_task(size_t index) noexcept override { ++runs_[index]; }
  bool ran_once() const {
    for (const int runs : runs_) {
      if (runs != 1) return false;
    }
    return true;
  }

 private:
  std::vector<int> runs_;
};

// One piece that shares many loops, as a transformer stack does; counts every index of every loop.
class Driver : public Operation {
 public:
  Driver(ThreadPool& pool, size_t loops, uint64_t seed) : pool_(pool), loops_(loops), random_(seed) {}
  size_t task_count() const override { return 1; }
  void run_task(size_t) noexcept override {
    static constexpr size_t kCounts[] = {0, 1, 2, 3, 7, 16, 61};
    Team team(pool_, this);
    for (size_t loop = 0; loop < loops_; ++loop) {
      const size_t count = kCounts[random_.below(7)];
      std::fill(runs_, runs_ + count, 0);
      team.parallel(count, [&](size_t index) {
        volatile float work = 1.0f;
        for (size_t step = 0; step < 20 * (index % 5); ++step) work = work * 1.0001f;
        ++runs_[index];
      });
      for (size_t index = 0; index < count; ++index) wrong_ += runs_[index] != 1;
      ++done_;
      if (is_cancelled()) {
        fail(Status::cancelled);
        return;
      }
    }
  }
  size_t done() const { return done_; }
  size_t wrong() const { return wrong_; }

 private:
  ThreadPool& pool_;
  size_t loops_;
  weft::tests::Random random_;
  int runs_[61] = {};
  size_t done_ = 0;
  size_t wrong_ = 0;
};

// Any function as an operation of one piece.
template <typename Function>
class Single : public Operation {
 public:
  explicit Single(Function function) : function_(std::move(function)) {}
  size_t task_count() const override { return 1; }
  void run_task(size_t) noexcept override { function_(); }

 private:
  Function function_;
};

class Empty : public Operation {
 public:
  size_t task_count() const override { return 0; }
  void run_task(size_t) noexcept override {}
};

std::shared_ptr<ThreadPool> make_pool(unsigned threads) {
  std::shared_ptr<ThreadPool> pool;
  const Status status = ThreadPool::create(threads, pool);
  WEFT_CHECK(status == Status::ok && pool->size() == threads, "a pool of " + std::to_string(threads));
  return pool;
}

// Of all threads of this process (on Windows the C library counts the time of day instead).
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void refuses_bad_requests() {
  std::shared_ptr<ThreadPool> pool;
  WEFT_CHECK(ThreadPool::create(0, pool) == Status::invalid_threads, "no threads");
  WEFT_CHECK(ThreadPool::create(ThreadPool::kMostThreads + 1, pool) == Status::invalid_threads, "too many");
  WEFT_CHECK(pool == nullptr, "no pool");
  Empty empty;
  Finish finish;
  WEFT_CHECK(make_pool(1)->submit(empty, &Finish::on_finished, &finish) == Status::invalid_argument &&
                 !finish.count(),
             "an operation without pieces");
}

void runs_every_piece_once(ThreadPool& pool) {
  for (const size_t count : {1u, 2u, 5u, 1000u}) {
    Counted operation(count);
    Finish finish;
    pool.submit(operation, &Finish::on_finished, &finish);
    finish.await(1);
    WEFT_CHECK(operation.ran_once() && finish.count() == 1, std::to_string(count) + " pieces");
  }
}

void takes_operations_of_many_threads(ThreadPool& pool) {
  constexpr size_t kSubmitters = 8;
  constexpr size_t kEach = 60;
  std::vector<std::unique_ptr<Counted>> operations;
  for (size_t index = 0; index < kSubmitters * kEach; ++index) {
    operations.push_back(std::make_unique<Counted>(1 + index % 9));
  }
  Finish finish;
  std::vector<std::thread> submitters;
  for (size_t submitter = 0; submitter < kSubmitters; ++submitter) {
    submitters.emplace_back([&, submitter] {
      for (size_t index = 0; index < kEach; ++index) {
        pool.submit(*operations[submitter * kEach + index], &Finish::on_finished, &finish);
      }
    });
  }
  for (std::thread& submitter : submitters) submitter.join();
  finish.await(operations.size());
  bool once = finish.count() == operations.size();
  for (const auto& operation : operations) once = once && operation->ran_once();
  WEFT_CHECK(once, "operations of eight threads");
}

void shares_loops_of_eight_drivers(ThreadPool& pool, size_t loops) {
  std::vector<std::unique_ptr<Driver>> drivers;
  Finish finish;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    drivers.push_back(std::make_unique<Driver>(pool, loops, seed));
    pool.submit(*drivers.back(), &Finish::on_finished, &finish);
  }
  finish.await(drivers.size());
  for (const auto& driver : drivers) {
    WEFT_CHECK(driver->done() == loops && driver->wrong() == 0 && driver->status() == Status::ok,
               std::to_string(driver->wrong()) + " indices ran more or less than once");
  }
}

void stops_cancelled_drivers(ThreadPool& pool) {
  constexpr size_t kEndless = size_t{1} << 40;
  std::vector<std::unique_ptr<Driver>> drivers;
  Finish finish;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    drivers.push_back(std::make_unique<Driver>(pool, kEndless, seed));
    pool.submit(*drivers.back(), &Finish::on_finished, &finish);
  }
  std::thread canceller([&] {
    for (auto& driver : drivers) {
      std::this_thread::sleep_for(1ms);
      driver->cancel();
    }
  });
  finish.await(drivers.size());
  canceller.join();
  for (const auto& driver : drivers) {
    WEFT_CHECK(driver->status() == Status::cancelled && driver->wrong() == 0, "a cancelled driver");
  }
}

// The owner of a loop has nothing left and sleeps until the helper's long piece ends.
void wakes_the_owner_of_a_long_piece(ThreadPool& pool) {
  size_t ended = 0;
  Single operation([&] {
    Team team(pool);
    for (int round = 0; round < 40; ++round) {
      int lengths[8] = {};
      team.parallel(8, [&](size_t index) {
        if (index % 2 == 1) std::this_thread::sleep_for(1ms);
        lengths[index] = 1;
      });
      for (const int length : lengths) ended += static_cast<size_t>(length);
    }
  });
  Finish finish;
  pool.submit(operation, &Finish::on_finished, &finish);
  finish.await(1);
  WEFT_CHECK(ended == 40 * 8, "every long piece ended before its loop");
}

// While nothing can be done nobody burns a core: not without work, not beside an operation that has no loop
// now.
void sleeps_when_idle(ThreadPool& pool) {
  Finish finish;
  Single quiet([&] {
    Team(pool).parallel(64, [](size_t) {});
    std::this_thread::sleep_for(200ms);
  });
  const double before = processor_seconds();
  pool.submit(quiet, &Finish::on_finished, &finish);
  finish.await(1);
  std::this_thread::sleep_for(200ms);
  const double used = processor_seconds() - before;
#if defined(_WIN32)
  std::printf("skipped: processor time of an idle pool (no portable clock)\n");
#else
  WEFT_CHECK(used < 0.05, "0.4 idle seconds took " + std::to_string(used) + " s of processor time");
#endif
}

void ends_at_once() {
  for (int round = 0; round < 100; ++round) {
    const auto pool = make_pool(1 + static_cast<unsigned>(round) % 4);
    Counted operation(3);
    Finish finish;
    pool->submit(operation, &Finish::on_finished, &finish);
    finish.await(1);
  }
}

void runs_alone_without_a_pool() {
  Team team;
  size_t sum = 0;
  team.parallel(10, [&](size_t index) { sum += index; });
  WEFT_CHECK(sum == 45 && team.size() == 1 && !team.is_cancelled(), "a team without a pool");
}

}  // namespace

int main() {
  refuses_bad_requests();
  runs_alone_without_a_pool();
  ends_at_once();
  for (unsigned threads = 1; threads <= 8; ++threads) {
    const auto pool = make_pool(threads);
    runs_every_piece_once(*pool);
    takes_operations_of_many_threads(*pool);
    shares_loops_of_eight_drivers(*pool, 500);
    stops_cancelled_drivers(*pool);
    wakes_the_owner_of_a_long_piece(*pool);
    sleeps_when_idle(*pool);
  }
  return weft::tests::summary("thread_pool");
}
