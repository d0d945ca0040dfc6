// See addon/async_operator.h.
#include "addon/async_operator.h"

#include <new>

namespace weft::addon {

Napi::Error status_error(Napi::Env env, Status status, const std::string& detail) {
  const std::string message = detail.empty() ? status_message(status) : detail;
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, status_code(status)));
  return error;
}

OperatorQueue::OperatorQueue(Napi::Env env, std::shared_ptr<ThreadPool> pool) : pool_(std::move(pool)) {
  const Napi::String name = Napi::String::New(env, "weft operators");
  const napi_status created = napi_create_threadsafe_function(
      env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, &OperatorQueue::on_delivered, &deliver_);
  if (created != napi_ok) throw status_error(env, Status::internal);
  // Only running operations keep the process alive.
  napi_unref_threadsafe_function(env, deliver_);
  // Hooks run last in, first out: ours awaits the pool before the thread-safe function goes away.
  if (napi_add_env_cleanup_hook(env, &OperatorQueue::on_teardown, this) != napi_ok) {
    throw status_error(env, Status::internal);
  }
}

Napi::Object OperatorQueue::start(Napi::Env env, std::unique_ptr<Operation> operation,
                                  Napi::Object keep_alive, ResultMaker result) {
  if (pool_ == nullptr) throw status_error(env, Status::cancelled);
  const uint64_t id = next_id_++;
  auto pending =
      std::make_unique<Pending>(Pending{this, id, std::move(operation), Napi::Promise::Deferred::New(env),
                                        Napi::Persistent(keep_alive), std::move(result)});
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("promise", pending->deferred.Promise());
  handle.Set("cancel", Napi::Function::New(env, [this, id](const Napi::CallbackInfo&) { cancel(id); }));

  Pending& stored = *pending_.emplace(id, std::move(pending)).first->second;
  if (pending_.size() == 1) napi_ref_threadsafe_function(env, deliver_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++running_;
  }
  const Status status = pool_->submit(*stored.operation, &OperatorQueue::on_finished, &stored);
  if (status != Status::ok) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      --running_;
    }
    pending_.erase(id);
    if (pending_.empty()) napi_unref_threadsafe_function(env, deliver_);
    throw status_error(env, status);
  }
  return handle;
}

void OperatorQueue::on_finished(void* context) noexcept {
  const auto* pending = static_cast<Pending*>(context);
  OperatorQueue* queue = pending->queue;
  const uint64_t id = pending->id;
  // From here on the JavaScript thread may delete `pending`.
  napi_call_threadsafe_function(queue->deliver_, reinterpret_cast<void*>(static_cast<uintptr_t>(id)),
                                napi_tsfn_nonblocking);
  const std::lock_guard<std::mutex> lock(queue->mutex_);
  --queue->running_;
  queue->idle_.notify_all();
}

void OperatorQueue::on_delivered(napi_env env, napi_value, void* context, void* data) {
  if (env == nullptr) return;  // the environment is going away; on_teardown has let go of everything
  try {
    static_cast<OperatorQueue*>(context)->settle(env, reinterpret_cast<uintptr_t>(data));
  } catch (...) {
    // Only a terminating environment refuses to settle a promise; nobody is left to be told.
  }
}

void OperatorQueue::settle(Napi::Env env, uint64_t id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  const std::unique_ptr<Pending> pending = std::move(found->second);
  pending_.erase(found);
  if (pending_.empty()) napi_unref_threadsafe_function(env, deliver_);
  const Status status = pending->operation->status();
  if (status != Status::ok) {
    pending->deferred.Reject(status_error(env, status, pending->operation->detail()).Value());
    return;
  }
  try {
    pending->deferred.Resolve(pending->result ? pending->result(env, *pending->operation) : env.Undefined());
  } catch (const Napi::Error& error) {
    pending->deferred.Reject(error.Value());
  } catch (const std::bad_alloc&) {
    pending->deferred.Reject(status_error(env, Status::out_of_memory).Value());
  }
}

void OperatorQueue::cancel(uint64_t id) {
  const auto found = pending_.find(id);
  if (found != pending_.end()) found->second->operation->cancel();
}

void OperatorQueue::on_teardown(void* context) {
  auto* queue = static_cast<OperatorQueue*>(context);
  for (auto& [id, pending] : queue->pending_) pending->operation->cancel();
  {
    std::unique_lock<std::mutex> lock(queue->mutex_);
    queue->idle_.wait(lock, [queue] { return queue->running_ == 0; });
  }
  queue->pending_.clear();
  queue->pool_.reset();
}

}  // namespace weft::addon
