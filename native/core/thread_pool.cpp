// A queue, a lock and threads that take the next piece of the oldest operation.
#include "core/thread_pool.h"

#include <new>
#include <system_error>

namespace weft {

unsigned ThreadPool::default_threads() noexcept {
  const unsigned threads = std::thread::hardware_concurrency();
  if (threads == 0) return 1;
  return threads < kMostThreads ? threads : kMostThreads;
}

Status ThreadPool::create(unsigned threads, std::shared_ptr<ThreadPool>& pool) noexcept {
  if (threads < 1 || threads > kMostThreads) return Status::invalid_threads;
  try {
    std::shared_ptr<ThreadPool> created(new ThreadPool());
    created->threads_.reserve(threads);
    for (unsigned index = 0; index < threads; ++index) {
      created->threads_.emplace_back([self = created.get()] { self->work(); });
    }
    pool = std::move(created);
    return Status::ok;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  } catch (...) {
    return Status::no_threads;
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Status ThreadPool::submit(Operation& operation, void (*finished)(void*) noexcept, void* context) noexcept {
  const size_t count = operation.task_count();
  if (count == 0) return Status::invalid_argument;
  try {
    auto entry = std::make_shared<Entry>();
    entry->operation = &operation;
    entry->finished = finished;
    entry->context = context;
    entry->count = count;
    entry->remaining.store(count, std::memory_order_relaxed);
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(std::move(entry));
  } catch (...) {
    return Status::out_of_memory;
  }
  if (count == 1) {
    wake_.notify_one();
  } else {
    wake_.notify_all();
  }
  return Status::ok;
}

void ThreadPool::work() noexcept {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::shared_ptr<Entry> entry = queue_.front();
    const size_t index = entry->next++;
    if (entry->next == entry->count) queue_.pop_front();
    lock.unlock();
    entry->operation->run_task(index);
    if (entry->remaining.fetch_sub(1, std::memory_order_acq_rel) == 1) entry->finished(entry->context);
    lock.lock();
  }
}

}  // namespace weft
