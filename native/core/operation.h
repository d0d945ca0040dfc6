// Work that the thread pool runs piece by piece. Must not know who asked for it or how the answer travels
// back.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "core/status.h"

namespace weft {

class Operation {
 public:
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // How many pieces there are; at least 1 and constant once submitted.
  virtual size_t task_count() const = 0;

  // Runs piece `index` on some thread of the pool; different pieces run at the same time.
  virtual void run_task(size_t index) noexcept = 0;

  // Asks the pieces to stop soon; callable from any thread.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool is_cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

  // The first failure of any piece, or ok. Final after the last piece.
  Status status() const noexcept { return status_.load(std::memory_order_acquire); }

  // What the status alone does not tell (which tensor, which place), or empty. Read after the last piece.
  virtual std::string detail() const { return {}; }

 protected:
  Operation() = default;

  void fail(Status status) noexcept {
    Status expected = Status::ok;
    status_.compare_exchange_strong(expected, status, std::memory_order_acq_rel);
  }

 private:
  std::atomic<bool> cancelled_{false};
  std::atomic<Status> status_{Status::ok};
};

}  // namespace weft
