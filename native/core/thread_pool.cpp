// A queue, a lock and threads that take the next piece of the oldest operation, or join a loop of a running
// one.
#include "core/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace weft {
namespace {

// Waking a sleeping thread costs tens of microseconds, more than a loop of a short sequence takes: an idle
// thread looks for work this long before it sleeps.
constexpr auto kPatience = std::chrono::microseconds(150);
// Pauses between two looks at the clock, and after how many looks the core is offered to others.
constexpr int kPausesPerLook = 32;
constexpr int kLooksBeforeYield = 16;

void pause() noexcept {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ volatile("yield");
#endif
}

// Looks until `holds` or until patience ends; true when it held.
template <typename Predicate>
bool look_for(std::chrono::microseconds patience, Predicate holds) noexcept {
  if (holds()) return true;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (int looks = 0; !holds(); ++looks) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    for (int pauses = 0; pauses < kPausesPerLook; ++pauses) pause();
    if (looks > kLooksBeforeYield) std::this_thread::yield();
  }
  return true;
}

}  // namespace

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
    // Under the lock: a thread that has looked and is about to sleep must not miss it.
    news_.fetch_add(1, std::memory_order_release);
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

void ThreadPool::share(size_t count, FunctionRef<void(size_t)> body) noexcept {
  Loop loop{.body = body, .count = count};
  size_t wanted = 0;
  bool wakes_all = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    loop.following = loops_;
    loops_ = &loop;
    wanted = std::min<size_t>(sleeping_, count - 1);
    wakes_all = wanted == sleeping_;
    lookers_wanted_ = count - 1;
    news_.fetch_add(1, std::memory_order_release);
  }
  if (wakes_all) {
    if (wanted > 0) wake_.notify_all();
  } else {
    for (size_t woken = 0; woken < wanted; ++woken) wake_.notify_one();
  }
  for (size_t index = loop.next.fetch_add(1, std::memory_order_relaxed); index < count;
       index = loop.next.fetch_add(1, std::memory_order_relaxed)) {
    body(index);
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    Loop** link = &loops_;
    while (*link != &loop) link = &(*link)->following;
    *link = loop.following;
  }
  await_helpers(loop);
}

// Nobody joins any more; those inside are at their last piece.
void ThreadPool::await_helpers(Loop& loop) noexcept {
  if (look_for(kPatience, [&] { return loop.inside.load(std::memory_order_acquire) == 0; })) return;
  // A long piece, or a helper that the system has put aside: the core is better used by others.
  std::unique_lock<std::mutex> lock(mutex_);
  loop.inside.fetch_or(kOwnerSleeps, std::memory_order_acq_rel);
  left_.wait(lock, [&] { return loop.inside.load(std::memory_order_acquire) == kOwnerSleeps; });
}

bool ThreadPool::join_loop(std::unique_lock<std::mutex>& lock) noexcept {
  for (Loop* loop = loops_; loop != nullptr; loop = loop->following) {
    if (loop->next.load(std::memory_order_relaxed) >= loop->count) continue;
    loop->inside.fetch_add(1, std::memory_order_relaxed);
    // Whoever was woken for the queue may have come here instead.
    const bool passes_on = !queue_.empty() && sleeping_ > 0;
    lock.unlock();
    if (passes_on) wake_.notify_one();
    const size_t count = loop->count;
    for (size_t index = loop->next.fetch_add(1, std::memory_order_relaxed); index < count;
         index = loop->next.fetch_add(1, std::memory_order_relaxed)) {
      loop->body(index);
    }
    // From here on the loop may be gone, unless its owner waits to be woken.
    const bool wakes_owner = loop->inside.fetch_sub(1, std::memory_order_acq_rel) == (kOwnerSleeps | 1);
    lock.lock();
    if (wakes_owner) left_.notify_all();
    return true;
  }
  return false;
}

void ThreadPool::run_piece(std::unique_lock<std::mutex>& lock) noexcept {
  const std::shared_ptr<Entry> entry = queue_.front();
  const size_t index = entry->next++;
  if (entry->next == entry->count) queue_.pop_front();
  busy_.fetch_add(1, std::memory_order_relaxed);
  lock.unlock();
  entry->operation->run_task(index);
  busy_.fetch_sub(1, std::memory_order_relaxed);
  if (entry->remaining.fetch_sub(1, std::memory_order_acq_rel) == 1) entry->finished(entry->context);
  lock.lock();
}

void ThreadPool::await_news(std::unique_lock<std::mutex>& lock) noexcept {
  const size_t seen = news_.load(std::memory_order_acquire);
  if (looking_ < lookers_wanted_) {
    ++looking_;
    lock.unlock();
    look_for(kPatience, [&] {
      return busy_.load(std::memory_order_relaxed) == 0 || news_.load(std::memory_order_acquire) != seen;
    });
    lock.lock();
    --looking_;
  }
  if (news_.load(std::memory_order_acquire) != seen || stopping_) return;
  ++sleeping_;
  wake_.wait(lock, [this, seen] { return stopping_ || news_.load(std::memory_order_acquire) != seen; });
  --sleeping_;
}

void ThreadPool::work() noexcept {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (join_loop(lock)) continue;
    if (!queue_.empty()) {
      run_piece(lock);
    } else if (stopping_) {
      return;
    } else {
      await_news(lock);
    }
  }
}

}  // namespace weft
