// Carries operations from JavaScript to the thread pool and their end back as a promise.
// One queue per environment (main thread or worker). Must not know what the operations compute.
#pragma once

#include <napi.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/operation.h"
#include "core/thread_pool.h"

namespace weft::addon {

// An Error whose `code` is the catalogue's and whose message completes "The native operator ... failed: ".
// `detail` tells more where the status alone is not enough: which tensor, which place.
Napi::Error status_error(Napi::Env env, Status status, const std::string& detail = {});

// What a finished operation resolves to; called on the JavaScript thread, once, only after success.
using ResultMaker = std::function<Napi::Value(Napi::Env, Operation&)>;

class OperatorQueue {
 public:
  // Registers with the environment's teardown, which cancels and awaits whatever still runs.
  OperatorQueue(Napi::Env env, std::shared_ptr<ThreadPool> pool);
  OperatorQueue(const OperatorQueue&) = delete;
  OperatorQueue& operator=(const OperatorQueue&) = delete;

  // Starts `operation`; `keep_alive` holds every buffer it reads or writes until it ends.
  // Returns { promise, cancel: () => void }; the promise resolves to what `result` makes, or to undefined.
  Napi::Object start(Napi::Env env, std::unique_ptr<Operation> operation, Napi::Object keep_alive,
                     ResultMaker result = nullptr);

  // For operations that share their loops among the pool's threads. Valid until the environment ends.
  ThreadPool& pool() const { return *pool_; }

 private:
  struct Pending {
    OperatorQueue* queue;
    uint64_t id;
    std::unique_ptr<Operation> operation;
    Napi::Promise::Deferred deferred;
    Napi::ObjectReference keep_alive;
    ResultMaker result;
  };

  // On the thread of the operation's last piece.
  static void on_finished(void* context) noexcept;
  // On the JavaScript thread.
  static void on_delivered(napi_env env, napi_value callback, void* context, void* data);
  static void on_teardown(void* context);

  void cancel(uint64_t id);
  void settle(Napi::Env env, uint64_t id);

  std::shared_ptr<ThreadPool> pool_;
  napi_threadsafe_function deliver_ = nullptr;
  // JavaScript thread only.
  std::unordered_map<uint64_t, std::unique_ptr<Pending>> pending_;
  uint64_t next_id_ = 1;
  // Operations whose last piece has not returned yet.
  std::mutex mutex_;
  std::condition_variable idle_;
  size_t running_ = 0;
};

}  // namespace weft::addon
