// How one running operation splits its loops: its own thread works, idle threads of the pool help. Loops of
// many operations at once never need more threads than the pool has, and none waits for a thread that is busy
// elsewhere.
#pragma once

#include <cstddef>

#include "core/function_ref.h"
#include "core/operation.h"
#include "core/status.h"

namespace weft {

class ThreadPool;

class Team {
 public:
  // Without a pool everything runs on the calling thread. `operation` (may be null) is who cancels.
  Team() = default;
  explicit Team(ThreadPool& pool, const Operation* operation = nullptr) noexcept
      : pool_(&pool), operation_(operation) {}

  // Most threads that run pieces at once, at least 1: how finely to cut work.
  unsigned size() const noexcept;

  // True once the operation was asked to stop; every tile checks it and returns early.
  bool is_cancelled() const noexcept { return operation_ != nullptr && operation_->is_cancelled(); }

  // Runs body(index) once for every index below `count`, in any order, on this and on helping threads;
  // returns when all have returned. Bodies may use thread_scratch(); they must not call parallel().
  void parallel(size_t count, FunctionRef<void(size_t)> body) noexcept;

 private:
  ThreadPool* pool_ = nullptr;
  const Operation* operation_ = nullptr;
};

}  // namespace weft
