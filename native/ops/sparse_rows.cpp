// See ops/sparse_rows.h. For products the right rows are turned round once: for every column the rows that
// have a number there. A left row then meets only numbers that it shares a place with, which are few: two
// rows of 800 among a million columns hardly meet.
#include "ops/sparse_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <vector>

#include "ops/tile_workers.h"

namespace weft::ops {
namespace {

// Rows of one piece of work: enough to make taking the next one cheap.
constexpr size_t kRowsPerTile = 8;
// Turning the right rows round costs about as much as picking from them this many times.
constexpr size_t kFewLeftRows = 6;

// Numbers of a column, one after the other: those of column c from starts[c] to starts[c + 1].
struct Columns {
  struct Entry {
    uint32_t row;
    float value;
  };
  std::vector<uint32_t> starts;
  std::vector<Entry> entries;
};

bool places_fit(const SparseRows& sparse, size_t columns) {
  for (size_t i = 0; i < sparse.rows * sparse.best; ++i) {
    if (sparse.places[i] < 0 || static_cast<size_t>(sparse.places[i]) >= columns) return false;
  }
  return true;
}

Columns turned(const SparseRows& sparse, size_t columns) {
  const size_t count = sparse.rows * sparse.best;
  Columns made = {std::vector<uint32_t>(columns + 1, 0), std::vector<Columns::Entry>(count)};
  for (size_t i = 0; i < count; ++i) ++made.starts[static_cast<size_t>(sparse.places[i]) + 1];
  for (size_t column = 0; column < columns; ++column) made.starts[column + 1] += made.starts[column];
  std::vector<uint32_t> next(made.starts.begin(), made.starts.end() - 1);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t row = static_cast<uint32_t>(i / sparse.best);
    made.entries[next[static_cast<size_t>(sparse.places[i])]++] = {row, sparse.values[i]};
  }
  return made;
}

Status multiply_spread(Team& team, const SparseRows& left, const SparseRows& right, size_t columns,
                       float* out) {
  std::vector<float> spread(columns, 0.0f);
  const size_t tiles = (right.rows + kRowsPerTile - 1) / kRowsPerTile;
  for (size_t row = 0; row < left.rows; ++row) {
    const int32_t* places = left.places + row * left.best;
    for (size_t i = 0; i < left.best; ++i)
      spread[static_cast<size_t>(places[i])] = left.values[row * left.best + i];
    const Status status = for_tiles(team, tiles, 0, [&](size_t tile, float*) {
      const size_t end = std::min(right.rows, (tile + 1) * kRowsPerTile);
      for (size_t other = tile * kRowsPerTile; other < end; ++other) {
        double sum = 0;
        for (size_t i = other * right.best; i < (other + 1) * right.best; ++i) {
          sum += static_cast<double>(spread[static_cast<size_t>(right.places[i])]) * right.values[i];
        }
        out[row * right.rows + other] = static_cast<float>(sum);
      }
      return Status::ok;
    });
    if (status != Status::ok) return status;
    for (size_t i = 0; i < left.best; ++i) spread[static_cast<size_t>(places[i])] = 0;
  }
  return Status::ok;
}

Status multiply_turned(Team& team, const SparseRows& left, const SparseRows& right, size_t columns,
                       float* out) {
  const Columns by_column = turned(right, columns);
  // A double for each right row: two floats of the slot.
  return for_tiles(team, left.rows, 2 * right.rows, [&](size_t row, float* slot) {
    auto* sums = reinterpret_cast<double*>(slot);
    std::fill_n(sums, right.rows, 0.0);
    for (size_t i = 0; i < left.best; ++i) {
      const double value = left.values[row * left.best + i];
      const auto column = static_cast<size_t>(left.places[row * left.best + i]);
      for (uint32_t at = by_column.starts[column]; at < by_column.starts[column + 1]; ++at) {
        sums[by_column.entries[at].row] += value * by_column.entries[at].value;
      }
    }
    for (size_t other = 0; other < right.rows; ++other) {
      out[row * right.rows + other] = static_cast<float>(sums[other]);
    }
    return Status::ok;
  });
}

}  // namespace

Status sharpen_rows(Team& team, size_t rows, size_t best, const float* values, double power,
                    float* out) noexcept {
  if (!(power > 0) || !std::isfinite(power)) return Status::invalid_argument;
  const size_t tiles = (rows + kRowsPerTile - 1) / kRowsPerTile;
  return for_tiles(team, tiles, 0, [&](size_t tile, float*) {
    const size_t end = std::min(rows, (tile + 1) * kRowsPerTile);
    for (size_t row = tile * kRowsPerTile; row < end; ++row) {
      const float* from = values + row * best;
      float* to = out + row * best;
      // The largest one becomes 1: no power is lost below what a double holds.
      double largest = 0;
      for (size_t i = 0; i < best; ++i) largest = std::max(largest, std::fabs(static_cast<double>(from[i])));
      const double scale = largest > 0 ? 1 / largest : 0;
      double sum = 0;
      for (size_t i = 0; i < best; ++i) {
        const double number = std::pow(from[i] * scale, power);
        sum += number * number;
      }
      const double factor = sum > 0 ? 1 / std::sqrt(sum) : 0;
      for (size_t i = 0; i < best; ++i) {
        to[i] = static_cast<float>(std::pow(from[i] * scale, power) * factor);
      }
    }
    return Status::ok;
  });
}

Status sparse_dots(Team& team, const SparseRows& left, const SparseRows& right, size_t columns,
                   float* out) noexcept {
  const size_t most = std::numeric_limits<uint32_t>::max();
  if (right.best != 0 && right.rows > most / right.best) return Status::invalid_argument;
  if (!places_fit(left, columns) || !places_fit(right, columns)) return Status::invalid_argument;
  if (left.rows == 0 || right.rows == 0) return Status::ok;
  try {
    return left.rows <= kFewLeftRows ? multiply_spread(team, left, right, columns, out)
                                     : multiply_turned(team, left, right, columns, out);
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft::ops
