// Tokens, positions and segments to rows. See ops/embedding.h.
#include <cstring>

#include "core/half_float.h"
#include "ops/embedding.h"

namespace weft::ops {
namespace {

// Rows that one piece of work fills.
constexpr size_t kRowsPerPiece = 16;

bool within(int64_t index, size_t rows) { return index >= 0 && static_cast<uint64_t>(index) < rows; }

template <typename Stored, typename Convert>
void read_row(const void* data, size_t first, size_t width, float scale, bool add, float* out,
              Convert convert) {
  const char* bytes = static_cast<const char*>(data) + first * sizeof(Stored);
  for (size_t column = 0; column < width; ++column) {
    Stored stored;
    std::memcpy(&stored, bytes + column * sizeof(Stored), sizeof(Stored));
    const float value = scale * convert(stored);
    out[column] = add ? out[column] + value : value;
  }
}

Status check(const TokenEmbedding& embedding, const TokenBatch& tokens) noexcept {
  for (const EmbeddingTable* table :
       {&embedding.tokens, embedding.positions ? &*embedding.positions : nullptr,
        embedding.segments ? &*embedding.segments : nullptr}) {
    if (table != nullptr && !table->is_unchanged()) return Status::bad_file;
  }
  for (size_t index = 0; index < tokens.batch * tokens.length; ++index) {
    if (!within(tokens.ids[index], embedding.tokens.rows)) return Status::token_out_of_range;
    if (tokens.segments != nullptr && embedding.segments &&
        !within(tokens.segments[index], embedding.segments->rows)) {
      return Status::token_out_of_range;
    }
    if (embedding.positions) {
      const int64_t position = tokens.positions != nullptr
                                   ? tokens.positions[index]
                                   : static_cast<int64_t>(tokens.first_position + index % tokens.length);
      if (!within(position + static_cast<int64_t>(embedding.position_offset), embedding.positions->rows)) {
        return Status::position_out_of_range;
      }
    }
  }
  return Status::ok;
}

void add_places(const TokenEmbedding& embedding, const TokenBatch& tokens, size_t index, float* row) {
  if (embedding.positions) {
    const size_t position = tokens.positions != nullptr ? static_cast<size_t>(tokens.positions[index])
                                                        : tokens.first_position + index % tokens.length;
    embedding.positions->read(position + embedding.position_offset, 1.0f, true, row);
  }
  if (embedding.segments) {
    const size_t segment = tokens.segments == nullptr ? 0 : static_cast<size_t>(tokens.segments[index]);
    embedding.segments->read(segment, 1.0f, true, row);
  }
}

void for_rows(Team& team, size_t rows, FunctionRef<void(size_t)> body) {
  team.parallel((rows + kRowsPerPiece - 1) / kRowsPerPiece, [&](size_t piece) {
    const size_t last = (piece + 1) * kRowsPerPiece < rows ? (piece + 1) * kRowsPerPiece : rows;
    for (size_t row = piece * kRowsPerPiece; row < last; ++row) body(row);
  });
}

}  // namespace

void EmbeddingTable::read(size_t row, float scale, bool add, float* out) const noexcept {
  const size_t first = row * width;
  if (dtype == DType::f32) {
    read_row<float>(data, first, width, scale, add, out, [](float value) { return value; });
  } else if (dtype == DType::f16) {
    read_row<uint16_t>(data, first, width, scale, add, out,
                       [](uint16_t bits) { return half_to_float(bits); });
  } else {
    read_row<uint16_t>(data, first, width, scale, add, out,
                       [](uint16_t bits) { return bfloat_to_float(bits); });
  }
}

Status embed_tokens(Team& team, const Operators& operators, const TokenEmbedding& embedding,
                    const TokenBatch& tokens, float* out, size_t width) noexcept {
  Status status = check(embedding, tokens);
  if (status != Status::ok) return status;
  const size_t rows = tokens.batch * tokens.length;
  const auto read_token = [&](size_t row, float* target) {
    embedding.tokens.read(static_cast<size_t>(tokens.ids[row]), embedding.scale, false, target);
  };
  if (embedding.project) {
    const size_t narrow = embedding.tokens.width;
    Buffer stored;
    status = Buffer::allocate(rows * narrow * sizeof(float), stored);
    if (status != Status::ok) return status;
    for_rows(team, rows, [&](size_t row) { read_token(row, stored.floats() + row * narrow); });
    status = operators.gemm(team, rows, stored.floats(), narrow, *embedding.project.weights,
                            embedding.project.epilogue(), out, width);
    if (status != Status::ok) return status;
    for_rows(team, rows, [&](size_t row) { add_places(embedding, tokens, row, out + row * width); });
  } else {
    for_rows(team, rows, [&](size_t row) {
      read_token(row, out + row * width);
      add_places(embedding, tokens, row, out + row * width);
    });
  }
  if (embedding.norm)
    operators.normalise_rows(team, embedding.norm->view(), rows, width, out, width, out, width);
  return Status::ok;
}

}  // namespace weft::ops
