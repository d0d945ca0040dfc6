// See addon/attention_operator.h.
#include "addon/attention_operator.h"

#include <utility>

#include "addon/read_value.h"
#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

// The problem and the tensors it points into.
struct Request {
  ops::Attention problem;
  std::shared_ptr<Tensor> query, key, value, key_bias, bias;
};

ops::HeadRows head_rows(const Tensor& tensor, size_t head_size) {
  const std::vector<size_t>& shape = tensor.shape();
  return {tensor.floats(), shape[1] * shape[2], shape[2], head_size};
}

// Strides of a bias whose first two sides may be 1 for "the same for all".
void read_bias(Request& request, Napi::Env env) {
  ops::Attention& problem = request.problem;
  const std::vector<size_t>& shape = request.bias->shape();
  const auto covers = [](size_t side, size_t all) { return side == 1 || side == all; };
  if (shape.size() != 4 || !covers(shape[0], problem.batch) || !covers(shape[1], problem.heads) ||
      shape[2] != problem.queries || shape[3] != problem.keys) {
    throw status_error(env, Status::invalid_argument);
  }
  const size_t matrix = shape[2] * shape[3];
  problem.mask.bias = request.bias->floats();
  problem.mask.bias_batch_stride = shape[0] == 1 ? 0 : shape[1] * matrix;
  problem.mask.bias_head_stride = shape[1] == 1 ? 0 : matrix;
  problem.mask.bias_row_stride = shape[3];
}

Request read_request(const Napi::Value& value) {
  const Napi::Env env = value.Env();
  const Napi::Object given = read_object(value);
  Request request = {{},
                     tensor_of(given.Get("query")),
                     tensor_of(given.Get("key")),
                     tensor_of(given.Get("value")),
                     nullptr,
                     nullptr};
  ops::Attention& problem = request.problem;
  const std::vector<size_t>& query = request.query->shape();
  const std::vector<size_t>& key = request.key->shape();
  problem.heads = read_size(given.Get("heads"));
  problem.key_heads = read_size(given.Get("keyHeads"));
  if (query.size() != 3 || key.size() != 3 || request.value->shape() != key || problem.heads == 0 ||
      problem.key_heads == 0 || problem.heads % problem.key_heads != 0 || query[2] % problem.heads != 0 ||
      query[0] != key[0]) {
    throw status_error(env, Status::invalid_argument);
  }
  problem.batch = query[0];
  problem.queries = query[1];
  problem.keys = key[1];
  problem.head_size = query[2] / problem.heads;
  if (problem.head_size == 0 || problem.head_size > ops::kMostHeadSize ||
      key[2] != problem.key_heads * problem.head_size) {
    throw status_error(env, Status::invalid_argument);
  }
  problem.scale = static_cast<float>(read_number(given.Get("scale")));
  problem.query = head_rows(*request.query, problem.head_size);
  problem.key = head_rows(*request.key, problem.head_size);
  problem.value = head_rows(*request.value, problem.head_size);
  problem.mask.causal = read_flag(given.Get("causal"));
  problem.mask.causal_offset = read_size(given.Get("causalOffset"));
  problem.mask.prefix = read_size(given.Get("prefix"));
  if (is_given(given.Get("keyBias"))) {
    request.key_bias = tensor_of(given.Get("keyBias"));
    if (request.key_bias->shape() != std::vector<size_t>{problem.batch, problem.keys}) {
      throw status_error(env, Status::invalid_argument);
    }
    problem.mask.key_bias = request.key_bias->floats();
    problem.mask.key_bias_stride = problem.keys;
  }
  if (is_given(given.Get("bias"))) {
    request.bias = tensor_of(given.Get("bias"));
    read_bias(request, env);
  }
  return request;
}

}  // namespace

Napi::Value attend_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  Request request = read_request(info[0]);
  std::vector<size_t> shape = request.query->shape();
  const auto work = [&operators = context.operators, request = std::move(request)](Team& team, float* out) {
    const ops::Attention& problem = request.problem;
    const size_t row = problem.heads * problem.head_size;
    return operators.attend(team, problem, out, problem.queries * row, row, problem.head_size);
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

}  // namespace weft::addon
