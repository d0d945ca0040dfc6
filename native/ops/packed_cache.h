// Packed matrices on disk: what was packed once is mapped the next time. A cache only: what cannot be read or
// written is packed again, never an error. Bounded in bytes; what was unused longest goes first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/team.h"
#include "ops/operators.h"

namespace weft::ops {

class PackedCache {
 public:
  // `folder` belongs to the cache alone and is made when something is first stored.
  PackedCache(std::filesystem::path folder, uint64_t most_bytes)
      : folder_(std::move(folder)), most_bytes_(most_bytes) {}

  // What was stored under `key`, or null. A damaged file is removed.
  std::shared_ptr<const PackedMatrix> load(const std::string& key, const Operators& operators,
                                           Precision precision, Team& team) noexcept;

  // Keeps `matrix` until `store_queued` writes it.
  void queue(std::string key, std::shared_ptr<const PackedMatrix> matrix) noexcept;

  // Writes one queued matrix; false when there is none left. Afterwards call `trim`.
  bool store_next() noexcept;

  // Deletes the files unused longest until at most `most_bytes` remain, and drafts that a dead process left.
  void trim() noexcept;

 private:
  std::filesystem::path place_of(const std::string& key) const;

  const std::filesystem::path folder_;
  const uint64_t most_bytes_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<const PackedMatrix>>> queue_;
};

// The cache of this process, or null when nobody has set one.
std::shared_ptr<PackedCache> packed_cache() noexcept;
void set_packed_cache(std::shared_ptr<PackedCache> cache) noexcept;

}  // namespace weft::ops
