// See ops/throughput.h.
#include "ops/throughput.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

#include "core/team.h"

namespace weft::ops {
namespace {

// Rounds of one piece, about a tenth of a millisecond: long beside the sharing of a loop, short beside a
// helper that comes late.
constexpr size_t kRounds = 20'000;
// Floats of one piece, a megabyte.
constexpr size_t kFloats = size_t{1} << 18;

// Runs body(index) for every index below `count` on the team and gives the seconds. What the bodies return is
// kept where the compiler must believe that someone reads it.
template <typename Body>
double time_pieces(Team& team, size_t count, const Body& body) {
  std::atomic<float> kept{0};
  const auto start = std::chrono::steady_clock::now();
  team.parallel(count, [&](size_t index) {
    if (!team.is_cancelled()) kept.store(body(index), std::memory_order_relaxed);
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void MultiplyAddThroughput::run_task(size_t) noexcept {
  Team team(pool_, this);
  const double each = static_cast<double>(table_.throughput_f32->operations_per_round * kRounds);
  const auto wanted = static_cast<size_t>(std::ceil(operations_ / each));
  const size_t pieces = std::max<size_t>(wanted, team.size());
  const double seconds =
      time_pieces(team, pieces, [&](size_t) { return table_.throughput_f32->multiply_adds(kRounds); });
  if (is_cancelled()) return fail(Status::cancelled);
  throughput_ = {each * static_cast<double>(pieces), seconds};
}

void ReadThroughput::run_task(size_t) noexcept {
  Team team(pool_, this);
  const size_t count = tensor_->count();
  const double seconds = time_pieces(team, (count + kFloats - 1) / kFloats, [&](size_t index) {
    const size_t first = index * kFloats;
    return table_.throughput_f32->read(std::min(kFloats, count - first), tensor_->floats() + first);
  });
  if (is_cancelled()) return fail(Status::cancelled);
  throughput_ = {static_cast<double>(tensor_->bytes()), seconds};
}

}  // namespace weft::ops
