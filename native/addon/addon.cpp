// The module: registers functions and owns the state of one JavaScript environment. No work happens here.
#include <napi.h>

#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <string>

#include "addon/arrange_operators.h"
#include "addon/async_operator.h"
#include "addon/attention_operator.h"
#include "addon/choice_operators.h"
#include "addon/convolution_operators.h"
#include "addon/image_operators.h"
#include "addon/linear_operators.h"
#include "addon/memory_operators.h"
#include "addon/plane_operators.h"
#include "addon/row_operators.h"
#include "addon/sparse_operators.h"
#include "addon/stack_operators.h"
#include "addon/tensor_operators.h"
#include "addon/throughput_operators.h"
#include "addon/weight_operators.h"
#include "core/buffer.h"
#include "core/thread_pool.h"
#include "dispatch/kernel_table.h"
#include "ops/cpu_operators.h"

namespace weft::addon {
namespace {

struct EnvironmentState {
  const dispatch::KernelTable* table = nullptr;
  unsigned threads = 0;
  std::unique_ptr<OperatorQueue> queue;
};

// All environments of the process share one pool; it ends with the last of them. The first also says how much
// memory there is.
Status shared_pool(unsigned threads, size_t memory_limit, std::shared_ptr<ThreadPool>& pool) noexcept {
  static std::mutex mutex;
  static std::weak_ptr<ThreadPool> shared;
  const std::lock_guard<std::mutex> lock(mutex);
  pool = shared.lock();
  if (pool != nullptr) return Status::ok;
  const Status status = ThreadPool::create(threads, pool);
  if (status != Status::ok) return status;
  shared = pool;
  set_memory_limit(memory_limit);
  return status;
}

// By default node-addon-api turns only its own errors into JavaScript's; nothing else may cross.
template <Napi::Value (*Function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return Function(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw status_error(info.Env(), Status::out_of_memory);
  } catch (...) {
    throw status_error(info.Env(), Status::internal);
  }
}

EnvironmentState& state_of(Napi::Env env) { return *env.GetInstanceData<EnvironmentState>(); }

unsigned read_threads(const Napi::Value& value) {
  if (value.IsUndefined()) return ThreadPool::default_threads();
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0.0;
  const bool valid = number >= 1 && number <= ThreadPool::kMostThreads && number == std::floor(number);
  if (!valid) throw status_error(value.Env(), Status::invalid_threads);
  return static_cast<unsigned>(number);
}

Napi::Array available_names(Napi::Env env) {
  const dispatch::AvailableTables& available = dispatch::available_tables();
  Napi::Array names = Napi::Array::New(env, available.count);
  for (size_t index = 0; index < available.count; ++index) {
    names.Set(static_cast<uint32_t>(index), Napi::String::New(env, available.tables[index]->isa));
  }
  return names;
}

// available() -> names of the instruction sets this processor can run, best first.
Napi::Value available(const Napi::CallbackInfo& info) { return available_names(info.Env()); }

// open(isa, threads?, memoryLimit?) -> { isa, threads }: chooses the kernels ("" for the best), starts the
// pool and bounds the memory (in bytes). Once per environment; where another environment has started the
// pool, its number of threads and its bound hold.
Napi::Value open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  EnvironmentState& state = state_of(env);
  if (state.queue != nullptr || info.Length() < 1 || !info[0].IsString()) {
    throw status_error(env, Status::invalid_argument);
  }
  const std::string isa = info[0].As<Napi::String>();
  const dispatch::KernelTable* table = nullptr;
  Status status = dispatch::select_table(isa, table);
  if (status != Status::ok) throw status_error(env, status);
  std::shared_ptr<ThreadPool> pool;
  status = shared_pool(read_threads(info[1]), read_memory_limit(info[2]), pool);
  if (status != Status::ok) throw status_error(env, status);
  state.table = table;
  state.threads = pool->size();
  state.queue = std::make_unique<OperatorQueue>(env, std::move(pool));
  Napi::Object result = Napi::Object::New(env);
  result.Set("isa", Napi::String::New(env, table->isa));
  result.Set("threads", Napi::Number::New(env, state.threads));
  return result;
}

Napi::Value preprocess_pictures(const Napi::CallbackInfo& info) {
  EnvironmentState& state = state_of(info.Env());
  if (state.queue == nullptr) throw status_error(info.Env(), Status::invalid_argument);
  return preprocess(info, *state.queue, *state.table, state.threads);
}

OperatorQueue& queue_of(const Napi::CallbackInfo& info) {
  EnvironmentState& state = state_of(info.Env());
  if (state.queue == nullptr) throw status_error(info.Env(), Status::invalid_argument);
  return *state.queue;
}

Napi::Value open_weight_file(const Napi::CallbackInfo& info) { return open_weights(info, queue_of(info)); }

Napi::Value read_weight_file(const Napi::CallbackInfo& info) { return read_weights(info, queue_of(info)); }

Napi::Value store_packed_weights(const Napi::CallbackInfo& info) {
  return store_packed(info, queue_of(info));
}

Napi::Value build_a_stack(const Napi::CallbackInfo& info) {
  OperatorQueue& queue = queue_of(info);
  return build_stack(info, queue, ops::cpu_operators(*state_of(info.Env()).table));
}

Napi::Value run_a_stack(const Napi::CallbackInfo& info) { return run_stack(info, queue_of(info)); }

// Operators on tensors work with the queue and the operators of their environment.
template <Napi::Value (*Function)(const Napi::CallbackInfo&, const OperatorContext&)>
Napi::Value with_operators(const Napi::CallbackInfo& info) {
  OperatorQueue& queue = queue_of(info);
  return Function(info, {queue, ops::cpu_operators(*state_of(info.Env()).table)});
}

template <Napi::Value (*Function)(const Napi::CallbackInfo&, const OperatorContext&)>
void set_operator(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<with_operators<Function>>>(exports.Env()));
}

Napi::Value measure_arithmetic(const Napi::CallbackInfo& info) {
  OperatorQueue& queue = queue_of(info);
  return measure_multiply_adds(info, queue, *state_of(info.Env()).table);
}

Napi::Value measure_products(const Napi::CallbackInfo& info) {
  OperatorQueue& queue = queue_of(info);
  return measure_matrix_products(info, queue, *state_of(info.Env()).table);
}

Napi::Value measure_memory(const Napi::CallbackInfo& info) {
  OperatorQueue& queue = queue_of(info);
  return measure_reading(info, queue, *state_of(info.Env()).table);
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new EnvironmentState());
  exports.Set("available", Napi::Function::New<guarded<available>>(env));
  exports.Set("open", Napi::Function::New<guarded<open>>(env));
  exports.Set("memoryUsage", Napi::Function::New<guarded<memory_usage_of_addon>>(env));
  exports.Set("preprocess", Napi::Function::New<guarded<preprocess_pictures>>(env));
  exports.Set("openWeights", Napi::Function::New<guarded<open_weight_file>>(env));
  exports.Set("listWeights", Napi::Function::New<guarded<list_weights>>(env));
  exports.Set("readWeights", Napi::Function::New<guarded<read_weight_file>>(env));
  exports.Set("closeWeights", Napi::Function::New<guarded<close_weights>>(env));
  exports.Set("identifyWeights", Napi::Function::New<guarded<identify_weights>>(env));
  exports.Set("setPackedCache", Napi::Function::New<guarded<set_packed_cache>>(env));
  exports.Set("storePacked", Napi::Function::New<guarded<store_packed_weights>>(env));
  exports.Set("tensorFrom", Napi::Function::New<guarded<tensor_from>>(env));
  exports.Set("tensorRead", Napi::Function::New<guarded<tensor_read>>(env));
  exports.Set("tensorReshape", Napi::Function::New<guarded<tensor_reshape>>(env));
  exports.Set("tensorRelease", Napi::Function::New<guarded<tensor_release>>(env));
  exports.Set("buildStack", Napi::Function::New<guarded<build_a_stack>>(env));
  exports.Set("runStack", Napi::Function::New<guarded<run_a_stack>>(env));
  exports.Set("releaseStack", Napi::Function::New<guarded<release_stack>>(env));
  exports.Set("newCache", Napi::Function::New<guarded<new_cache>>(env));
  exports.Set("newTree", Napi::Function::New<guarded<new_tree>>(env));
  exports.Set("forkCache", Napi::Function::New<guarded<fork_cache>>(env));
  exports.Set("readCache", Napi::Function::New<guarded<read_cache>>(env));
  exports.Set("cacheState", Napi::Function::New<guarded<cache_state>>(env));
  exports.Set("cropCache", Napi::Function::New<guarded<crop_cache>>(env));
  exports.Set("reorderCache", Napi::Function::New<guarded<reorder_cache>>(env));
  exports.Set("clearTree", Napi::Function::New<guarded<clear_tree>>(env));
  exports.Set("commitTree", Napi::Function::New<guarded<commit_tree>>(env));
  exports.Set("releaseCache", Napi::Function::New<guarded<release_cache>>(env));
  exports.Set("measureMultiplyAdds", Napi::Function::New<guarded<measure_arithmetic>>(env));
  exports.Set("measureMatrixProducts", Napi::Function::New<guarded<measure_products>>(env));
  exports.Set("measureReading", Napi::Function::New<guarded<measure_memory>>(env));
  exports.Set("releaseLinear", Napi::Function::New<guarded<release_linear>>(env));
  exports.Set("releaseConvolution", Napi::Function::New<guarded<release_convolution>>(env));
  set_operator<normalise_rows>(exports, "normaliseRows");
  set_operator<softmax_rows>(exports, "softmaxRows");
  set_operator<l2_normalise_rows>(exports, "l2NormaliseRows");
  set_operator<activate_rows>(exports, "activateRows");
  set_operator<argmax_rows>(exports, "argmaxRows");
  set_operator<gather_rows>(exports, "gatherRows");
  set_operator<concat_tensors>(exports, "concatTensors");
  set_operator<permute_axes>(exports, "permuteAxes");
  set_operator<add_tensors>(exports, "addTensors");
  set_operator<multiply_tensors>(exports, "multiplyTensors");
  set_operator<mean_axis>(exports, "meanAxis");
  set_operator<build_linear>(exports, "buildLinear");
  set_operator<run_linear>(exports, "runLinear");
  set_operator<build_convolution>(exports, "buildConvolution");
  set_operator<run_convolution>(exports, "runConvolution");
  set_operator<attend_rows>(exports, "attendRows");
  set_operator<resize_planes>(exports, "resizePlanes");
  set_operator<encode_masks>(exports, "encodeMasks");
  set_operator<cosine_top_k>(exports, "cosineTopK");
  set_operator<stored_top_k>(exports, "storedTopK");
  set_operator<sharpen_rows>(exports, "sharpenRows");
  set_operator<sparse_dots>(exports, "sparseDots");
  set_operator<suppress_boxes>(exports, "suppressBoxes");
  set_operator<sample_tokens>(exports, "sampleTokens");
  return exports;
}

}  // namespace
}  // namespace weft::addon

static Napi::Object initialise_module(Napi::Env env, Napi::Object exports) {
  return weft::addon::initialise(env, exports);
}

NODE_API_MODULE(weft, initialise_module)
