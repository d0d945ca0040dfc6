// See addon/tensor_work.h.
#include "addon/tensor_work.h"

#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

class WorkOperation final : public Operation {
 public:
  WorkOperation(ThreadPool& pool, TensorWork work) : pool_(pool), work_(std::move(work)) {}

  size_t task_count() const override { return 1; }
  void run_task(size_t) noexcept override {
    try {
      Team team(pool_, this);
      const Status status = work_(team, detail_);
      if (status != Status::ok) {
        fail(status);
      } else if (is_cancelled()) {
        // Row operators have no status of their own: what they left out, the result lacks.
        fail(Status::cancelled);
      }
    } catch (const std::bad_alloc&) {
      fail(Status::out_of_memory);
    } catch (...) {
      fail(Status::internal);
    }
  }
  std::string detail() const override { return detail_; }

 private:
  ThreadPool& pool_;
  TensorWork work_;
  std::string detail_;
};

template <typename Array, typename Element>
Napi::Value to_array(Napi::Env env, const std::vector<Element>& numbers) {
  Array array = Array::New(env, numbers.size());
  if (!numbers.empty()) std::memcpy(array.Data(), numbers.data(), numbers.size() * sizeof(Element));
  return array;
}

}  // namespace

Napi::Value start_work(Napi::Env env, const OperatorContext& context, TensorWork work,
                       std::function<Napi::Value(Napi::Env)> result, Napi::Object keep_alive) {
  auto operation = std::make_unique<WorkOperation>(context.queue.pool(), std::move(work));
  return context.queue.start(
      env, std::move(operation), keep_alive,
      [result = std::move(result)](Napi::Env result_env, Operation&) { return result(result_env); });
}

Napi::Value start_tensor_work(Napi::Env env, const OperatorContext& context, std::vector<size_t> shape,
                              std::function<Status(Team& team, float* out)> work) {
  auto made = std::make_shared<std::shared_ptr<Tensor>>();
  return start_work(
      env, context,
      [made, shape = std::move(shape), work = std::move(work)](Team& team, std::string&) {
        const Status status = Tensor::create(DType::f32, shape, *made);
        return status == Status::ok ? work(team, (*made)->floats()) : status;
      },
      [made](Napi::Env result_env) { return tensor_result(result_env, std::move(*made)); },
      Napi::Object::New(env));
}

Napi::Value to_float_array(Napi::Env env, const std::vector<float>& numbers) {
  return to_array<Napi::Float32Array>(env, numbers);
}

Napi::Value to_int_array(Napi::Env env, const std::vector<int32_t>& numbers) {
  return to_array<Napi::Int32Array>(env, numbers);
}

Napi::Value to_count_array(Napi::Env env, const std::vector<uint32_t>& numbers) {
  return to_array<Napi::Uint32Array>(env, numbers);
}

}  // namespace weft::addon
