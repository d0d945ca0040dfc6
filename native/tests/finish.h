// What operations report to when they end; waits for them. Only for programs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace weft::tests {

class Finish {
 public:
  // For ThreadPool::submit, with the Finish as context.
  static void on_finished(void* context) noexcept {
    auto* finish = static_cast<Finish*>(context);
    const std::lock_guard<std::mutex> lock(finish->mutex_);
    ++finish->count_;
    finish->changed_.notify_all();
  }
  void await(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }
  size_t count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t count_ = 0;
};

}  // namespace weft::tests
