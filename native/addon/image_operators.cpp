// See addon/image_operators.h.
#include "addon/image_operators.h"

#include <utility>
#include <vector>

#include "addon/read_plan.h"
#include "ops/preprocess_job.h"

namespace weft::addon {

Napi::Value preprocess(const Napi::CallbackInfo& info, OperatorQueue& queue,
                       const dispatch::KernelTable& table, unsigned threads) {
  const Napi::Env env = info.Env();
  if (info.Length() != 1 || !info[0].IsArray()) throw status_error(env, Status::invalid_argument);
  const auto list = info[0].As<Napi::Array>();
  const Napi::Array keep_alive = Napi::Array::New(env);
  std::vector<ops::PictureRequest> requests;
  requests.reserve(list.Length());
  for (uint32_t index = 0; index < list.Length(); ++index) {
    const Napi::HandleScope scope(env);
    requests.push_back(read_picture_request(list.Get(index), keep_alive));
  }
  std::unique_ptr<ops::PreprocessJob> job;
  const Status status = ops::PreprocessJob::create(std::move(requests), table, threads, job);
  if (status != Status::ok) throw status_error(env, status);
  return queue.start(env, std::move(job), keep_alive);
}

}  // namespace weft::addon
