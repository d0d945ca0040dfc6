// The addon's own threads: libuv's four are left to file and DNS work, and no call blocks the JavaScript
// thread. Must not include Node-API.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

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

 private:
  struct Entry {
    Operation* operation;
    void (*finished)(void*) noexcept;
    void* context;
    size_t count;
    size_t next = 0;
    std::atomic<size_t> remaining;
  };

  ThreadPool() = default;
  void work() noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Entry>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weft
