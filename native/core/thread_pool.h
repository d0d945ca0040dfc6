// The addon's own threads: libuv's four are left to file and DNS work, and no call blocks the JavaScript
// thread. Must not include Node-API.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/function_ref.h"
#include "core/operation.h"
#include "core/status.h"

namespace weft {

class ThreadPool {
 public:
  static constexpr unsigned kMostThreads = 256;

  // One thread per hardware thread; at least 1.
  static unsigned default_threads() noexcept;

  // Starts 1 to kMostThreads threads.
  static Status create(unsigned threads, std::shared_ptr<ThreadPool>& pool) noexcept;

  // Waits for the threads. Every submitted operation must have finished.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned size() const noexcept { return static_cast<unsigned>(threads_.size()); }

  // Runs every piece of `operation`, first come first served, then calls `finished(context)` once, on the
  // thread of the last piece. The operation must stay alive until then and is not touched afterwards.
  Status submit(Operation& operation, void (*finished)(void* context) noexcept, void* context) noexcept;

  // Runs body(index) for every index below `count` on the calling thread and on threads that have nothing
  // else to do; returns when all have returned. See core/team.h, which callers use.
  void share(size_t count, FunctionRef<void(size_t)> body) noexcept;

 private:
  // A loop that idle threads may join; lives on the stack of the thread that shares it.
  struct Loop {
    FunctionRef<void(size_t)> body;
    size_t count;
    std::atomic<size_t> next{0};
    // Helpers that still run pieces; kOwnerSleeps beside them when the last must wake the owner.
    std::atomic<unsigned> inside{0};
    Loop* following = nullptr;
  };

  struct Entry {
    Operation* operation;
    void (*finished)(void*) noexcept;
    void* context;
    size_t count;
    size_t next = 0;
    std::atomic<size_t> remaining;
  };

  static constexpr unsigned kOwnerSleeps = 1u << 31;

  ThreadPool() = default;
  void work() noexcept;
  void run_piece(std::unique_lock<std::mutex>& lock) noexcept;
  bool join_loop(std::unique_lock<std::mutex>& lock) noexcept;
  void await_helpers(Loop& loop) noexcept;
  void await_news(std::unique_lock<std::mutex>& lock) noexcept;

  std::mutex mutex_;
  // Changes with every new loop or operation: what an idle thread watches before it sleeps.
  std::atomic<size_t> news_{0};
  // Pieces of operations that run now; while there are some, a loop may come at any moment.
  std::atomic<unsigned> busy_{0};
  unsigned sleeping_ = 0;
  // Idle threads that look for work before they sleep; no more of them than the last loop could use.
  size_t looking_ = 0;
  size_t lookers_wanted_ = 0;
  Loop* loops_ = nullptr;
  std::condition_variable wake_;
  // The last helper of a loop whose owner sleeps has left.
  std::condition_variable left_;
  std::deque<std::shared_ptr<Entry>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weft
