// See addon/choice_operators.h.
#include "addon/choice_operators.h"

#include <utility>

#include "addon/read_value.h"
#include "addon/tensor_operators.h"
#include "ops/suppress_boxes.h"

namespace weft::addon {
namespace {

std::shared_ptr<Tensor> read_matrix(const Napi::Value& value) {
  std::shared_ptr<Tensor> tensor = tensor_of(value);
  if (tensor->shape().size() != 2) throw status_error(value.Env(), Status::invalid_argument);
  return tensor;
}

int64_t length_of(const Napi::Value& value) {
  if (!value.IsTypedArray()) refuse(value.Env());
  return static_cast<int64_t>(value.As<Napi::TypedArray>().ElementLength());
}

// A copy: histories are short, and JavaScript goes on appending to its own.
std::vector<std::vector<int32_t>> read_histories(const Napi::Value& value, size_t rows) {
  std::vector<std::vector<int32_t>> histories;
  if (!is_given(value)) return histories;
  const Napi::Array list = read_array(value);
  if (list.Length() != rows) throw status_error(value.Env(), Status::invalid_argument);
  for (uint32_t row = 0; row < list.Length(); ++row) {
    const Napi::Value each = list.Get(row);
    const int64_t length = length_of(each);
    std::vector<int32_t>& history = histories.emplace_back();
    if (length == 0) continue;
    const auto* tokens = read_buffer<int32_t>(each, napi_int32_array, length, Napi::Array::New(value.Env()));
    history.assign(tokens, tokens + length);
  }
  return histories;
}

}  // namespace

Napi::Value cosine_top_k(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> queries = read_matrix(info[0]);
  const std::shared_ptr<Tensor> matrix = read_matrix(info[1]);
  ops::TopKProblem problem;
  problem.queries = queries->shape()[0];
  problem.rows = matrix->shape()[0];
  problem.width = matrix->shape()[1];
  problem.best = read_size(info[2]);
  if (queries->shape()[1] != problem.width || problem.best > problem.rows) {
    throw status_error(info.Env(), Status::invalid_argument);
  }
  problem.query = queries->floats();
  problem.matrix = matrix->floats();
  problem.matrix_stride = problem.width;
  struct Found {
    std::vector<float> scores;
    std::vector<int32_t> places;
  };
  auto found = std::make_shared<Found>();
  const auto work = [&operators = context.operators, queries, matrix, problem, found](Team& team,
                                                                                      std::string&) {
    found->scores.resize(problem.queries * problem.best);
    found->places.resize(problem.queries * problem.best);
    return operators.cosine_top_k(team, problem, found->scores.data(), found->places.data());
  };
  const auto result = [found](Napi::Env env) {
    Napi::Object made = Napi::Object::New(env);
    made.Set("scores", to_float_array(env, found->scores));
    made.Set("places", to_int_array(env, found->places));
    return made;
  };
  return start_work(info.Env(), context, work, result, Napi::Object::New(info.Env()));
}

Napi::Value suppress_boxes(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Object given = read_object(info[0]);
  const Napi::Array keep_alive = Napi::Array::New(info.Env());
  const int64_t count = length_of(given.Get("scores"));
  ops::BoxSuppression problem;
  problem.count = static_cast<size_t>(count);
  if (count > 0) {
    problem.boxes = read_buffer<float>(given.Get("boxes"), napi_float32_array, 4 * count, keep_alive);
    problem.scores = read_buffer<float>(given.Get("scores"), napi_float32_array, count, keep_alive);
    problem.classes =
        read_optional_buffer<int32_t>(given.Get("classes"), napi_int32_array, count, keep_alive);
  }
  problem.most_overlap = static_cast<float>(read_number(given.Get("overlap")));
  problem.least_score = static_cast<float>(read_number(given.Get("leastScore")));
  problem.most = read_size(given.Get("most"), SIZE_MAX);
  auto kept = std::make_shared<std::vector<int32_t>>();
  const auto work = [problem, kept](Team& team, std::string&) {
    return ops::suppress_boxes(team, problem, *kept);
  };
  const auto result = [kept](Napi::Env env) { return to_int_array(env, *kept); };
  return start_work(info.Env(), context, work, result, keep_alive);
}

Napi::Value sample_tokens(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> logits = read_matrix(info[0]);
  const Napi::Object given = read_object(info[1]);
  const auto number = [&](const char* name) { return static_cast<float>(read_number(given.Get(name))); };
  const ops::SamplingOptions options = {number("temperature"), read_size(given.Get("topK")), number("topP"),
                                        number("repetitionPenalty")};
  const size_t rows = logits->shape()[0];
  const size_t vocabulary = logits->shape()[1];
  const uint64_t seed = read_size(given.Get("seed"));
  const uint64_t draw = read_size(given.Get("draw"));
  auto tokens = std::make_shared<std::vector<int32_t>>();
  const auto work = [&operators = context.operators, logits, options, rows, vocabulary, seed, draw, tokens,
                     histories = read_histories(given.Get("histories"), rows)](Team& team, std::string&) {
    const std::vector<std::span<const int32_t>> views(histories.begin(), histories.end());
    tokens->resize(rows);
    return operators.sample_tokens(team, options, rows, vocabulary, logits->floats(), vocabulary, views, seed,
                                   draw, tokens->data());
  };
  const auto result = [tokens](Napi::Env env) { return to_int_array(env, *tokens); };
  return start_work(info.Env(), context, work, result, Napi::Object::New(info.Env()));
}

}  // namespace weft::addon
