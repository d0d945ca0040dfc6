// See addon/choice_operators.h.
#include "addon/choice_operators.h"

#include <utility>

#include "addon/read_value.h"
#include "addon/read_weight.h"
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

// The rows of a search, and what keeps them in memory meanwhile.
struct SearchedRows {
  std::vector<ops::RowsPart> parts;
  std::vector<std::shared_ptr<const void>> owners;
  size_t count = 0;

  void add(const ops::RowsPart& part, std::shared_ptr<const void> owner) {
    parts.push_back(part);
    owners.push_back(std::move(owner));
    count += part.rows;
  }
};

bool is_aligned(const WeightPlace& place) {
  return reinterpret_cast<uintptr_t>(place.numbers.data) % dtype_bytes(place.numbers.dtype) == 0;
}

Napi::Error bad_part(Napi::Env env, const WeightPlace& place, const char* what) {
  return status_error(env, Status::invalid_argument, "tensor " + place.numbers.name + " has " + what);
}

Napi::Value start_search(Napi::Env env, const OperatorContext& context,
                         const std::shared_ptr<Tensor>& queries, const std::shared_ptr<SearchedRows>& rows,
                         size_t width, size_t best) {
  if (queries->shape()[1] != width || best > rows->count) throw status_error(env, Status::invalid_argument);
  const ops::TopKProblem problem = {queries->shape()[0], width, best, queries->floats(), rows->parts};
  struct Found {
    std::vector<float> scores;
    std::vector<int32_t> places;
  };
  auto found = std::make_shared<Found>();
  const auto work = [&operators = context.operators, queries, rows, problem, found](Team& team,
                                                                                    std::string& detail) {
    found->scores.resize(problem.queries * problem.best);
    found->places.resize(problem.queries * problem.best);
    const Status status = operators.cosine_top_k(team, problem, found->scores.data(), found->places.data());
    if (status == Status::bad_file) detail = ops::WeightFile::kChanged;
    return status;
  };
  const auto result = [found](Napi::Env result_env) {
    Napi::Object made = Napi::Object::New(result_env);
    made.Set("scores", to_float_array(result_env, found->scores));
    made.Set("places", to_int_array(result_env, found->places));
    return made;
  };
  return start_work(env, context, work, result, Napi::Object::New(env));
}

}  // namespace

Napi::Value cosine_top_k(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> queries = read_matrix(info[0]);
  const std::shared_ptr<Tensor> matrix = read_matrix(info[1]);
  auto rows = std::make_shared<SearchedRows>();
  rows->add({matrix->shape()[0], DType::f32, matrix->floats(), matrix->shape()[1], nullptr, nullptr}, matrix);
  return start_search(info.Env(), context, queries, rows, matrix->shape()[1], read_size(info[2]));
}

Napi::Value stored_top_k(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<Tensor> queries = read_matrix(info[0]);
  const size_t width = queries->shape()[1];
  const Napi::Array given = read_array(info[1]);
  auto rows = std::make_shared<SearchedRows>();
  for (uint32_t index = 0; index < given.Length(); ++index) {
    const Napi::Object part = read_object(given.Get(index));
    const WeightPlace place = read_weight(part.Get("rows"));
    if (place.shape.size() != 2 || place.shape[1] != width) throw bad_part(info.Env(), place, "other rows");
    ops::RowsPart read = {place.shape[0], place.numbers.dtype, place.numbers.data, width,
                          nullptr,        place.numbers.file};
    if (is_given(part.Get("norms"))) {
      const WeightPlace norms = read_weight(part.Get("norms"));
      const bool fits = norms.numbers.dtype == DType::f32 && norms.numbers.count == read.rows;
      if (!fits || !is_aligned(norms)) throw bad_part(info.Env(), norms, "other norms");
      read.norms = static_cast<const float*>(norms.numbers.data);
      rows->owners.push_back(norms.numbers.owner);
    }
    if (!is_aligned(place)) throw bad_part(info.Env(), place, "numbers at uneven places");
    rows->add(read, place.numbers.owner);
  }
  return start_search(info.Env(), context, queries, rows, width, read_size(info[2]));
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
