// The head of a stack. See ops/stack_pass.h.
#include <cstring>

#include "ops/stack_pass.h"

namespace weft::ops {
namespace {

// The rows the head reads, side by side: [batch, width], or the stream itself for all rows.
Status choose_rows(StackPass& pass, const Head& head, const float*& rows) {
  rows = pass.stream;
  if (head.rows == HeadRowsKind::all || pass.narrowed) return Status::ok;
  Buffer& chosen = pass.buffers.chosen;
  const size_t width = pass.width();
  const Status status = reserve_rows(chosen, pass.batch, width);
  if (status != Status::ok) return status;
  for (size_t item = 0; item < pass.batch; ++item) {
    const float* first = pass.stream + item * pass.length * width;
    float* target = chosen.floats() + item * width;
    if (head.rows == HeadRowsKind::mean) {
      for (size_t column = 0; column < width; ++column) {
        double sum = 0.0;
        for (size_t row = head.skip; row < pass.length; ++row) sum += first[row * width + column];
        target[column] = static_cast<float>(sum / static_cast<double>(pass.length - head.skip));
      }
      continue;
    }
    std::memcpy(target, first + head_row(pass, head, item) * width, width * sizeof(float));
  }
  rows = chosen.floats();
  return Status::ok;
}

// One step over in [count, width]; `out` is another place.
Status run_step(StackPass& pass, const HeadStep& step, size_t count, size_t width, const float* in,
                float* out) {
  if (step.norm) {
    const Status status = reserve_rows(pass.buffers.normed, count, width);
    if (status != Status::ok) return status;
    pass.operators.normalise_rows(pass.team, step.norm->view(), count, width, in, width,
                                  pass.buffers.normed.floats(), width);
    in = pass.buffers.normed.floats();
  }
  if (!step.linear) {
    pass.operators.activate_rows(pass.team, step.activation, count, width, in, width, out, width);
    return Status::ok;
  }
  Epilogue epilogue = step.linear.epilogue();
  epilogue.activation = step.activation;
  return pass.operators.gemm(pass.team, count, in, width, *step.linear.weights, epilogue, out,
                             step.linear.outputs());
}

size_t step_outputs(const HeadStep& step, size_t width) {
  return step.linear ? step.linear.outputs() : width;
}

}  // namespace

size_t head_outputs(const Head& head, size_t width) noexcept {
  for (const HeadStep& step : head.steps) width = step_outputs(step, width);
  return width;
}

Status run_head(StackPass& pass, const Head& head, float* out) noexcept {
  const float* in = nullptr;
  Status status = choose_rows(pass, head, in);
  const size_t count = head.rows == HeadRowsKind::all ? pass.rows() : pass.batch;
  size_t width = pass.width();
  for (size_t index = 0; status == Status::ok && index < head.steps.size(); ++index) {
    const HeadStep& step = head.steps[index];
    const size_t outputs = step_outputs(step, width);
    float* target = out;
    if (index + 1 < head.steps.size()) {
      Buffer& buffer = pass.buffers.steps[index % 2];
      status = reserve_rows(buffer, count, outputs);
      if (status != Status::ok) break;
      target = buffer.floats();
    }
    status = run_step(pass, step, count, width, in, target);
    in = target;
    width = outputs;
  }
  return status;
}

}  // namespace weft::ops
