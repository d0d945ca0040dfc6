// See ops/packed_share.h.
#include "ops/packed_share.h"

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/packed_cache.h"
#include "ops/packing_fingerprint.h"

namespace weft::ops {
namespace {

// Where the elements lie tells whose they are: a file stays mapped as long as something made from it is in
// use.
struct Entry {
  std::weak_ptr<const PackedMatrix> packed;
  std::vector<std::weak_ptr<const void>> owners;
};

using Key = std::vector<uintptr_t>;

struct Shelf {
  std::mutex mutex;
  std::map<Key, Entry> entries;
};

Shelf& shelf() {
  static Shelf* const instance = new Shelf();
  return *instance;
}

Key key_of(const Operators& operators, const LinearLoad& load, Precision precision) {
  Key key = {reinterpret_cast<uintptr_t>(&operators), static_cast<uintptr_t>(precision),
             static_cast<uintptr_t>(load.inputs_first)};
  for (const StoredMatrix& part : load.parts) {
    key.push_back(reinterpret_cast<uintptr_t>(part.numbers.data));
    key.push_back(part.outputs);
    key.push_back(part.inputs);
  }
  return key;
}

// A file that was unmapped and another one mapped at its place must not be taken for it.
bool is_current(const Entry& entry, const LinearLoad& load) {
  for (size_t part = 0; part < load.parts.size(); ++part) {
    if (entry.owners[part].lock() != load.parts[part].numbers.owner) return false;
  }
  return true;
}

void drop_unused(Shelf& shared) {
  std::erase_if(shared.entries, [](const auto& entry) { return entry.second.packed.expired(); });
}

// What the parts are called on disk: their content, not the place of it. Empty when some content is unknown.
std::string name_on_disk(const Operators& operators, const LinearLoad& load, Precision precision) {
  std::string name;
  if (packing_fingerprint(operators, precision, name) != Status::ok) return {};
  name += load.inputs_first ? " inputs first" : " outputs first";
  for (const StoredMatrix& part : load.parts) {
    const std::string hash = part.numbers.file->content_hash();
    if (hash.empty()) return {};
    const auto offset = static_cast<const uint8_t*>(part.numbers.data) - part.numbers.file->map().data();
    for (const std::string& fact : {hash, part.numbers.name, std::to_string(offset),
                                    std::to_string(static_cast<int>(part.numbers.dtype)),
                                    std::to_string(part.outputs), std::to_string(part.inputs)}) {
      name += '\n';
      name += fact;
    }
  }
  return name;
}

// From the cache on disk, else packed, and then queued for it.
Status load_or_pack(const Operators& operators, const LinearLoad& load, std::span<const WeightPart> parts,
                    Precision precision, Team& team, std::shared_ptr<const PackedMatrix>& packed) {
  const std::shared_ptr<PackedCache> cache = operators.device() == Device::cpu ? packed_cache() : nullptr;
  std::string name = cache == nullptr ? std::string() : name_on_disk(operators, load, precision);
  if (!name.empty()) packed = cache->load(name, operators, precision, team);
  if (packed != nullptr) return Status::ok;
  for (const StoredMatrix& part : load.parts) {
    const MappedFile& map = part.numbers.file->map();
    map.prefetch(static_cast<size_t>(static_cast<const uint8_t*>(part.numbers.data) - map.data()),
                 part.numbers.count * dtype_bytes(part.numbers.dtype));
  }
  const Status status = operators.pack(team, parts, precision, packed);
  if (status == Status::ok && !name.empty()) cache->queue(std::move(name), packed);
  return status;
}

}  // namespace

Status share_packed(const Operators& operators, const LinearLoad& load, Precision precision, Team& team,
                    std::shared_ptr<const PackedMatrix>& packed) {
  std::vector<WeightPart> parts;
  bool has_files = true;
  for (const StoredMatrix& part : load.parts) {
    parts.push_back({part.numbers.data, part.numbers.dtype, part.outputs, part.inputs, load.inputs_first});
    has_files = has_files && part.numbers.file != nullptr;
    if (part.numbers.file != nullptr && !part.numbers.file->is_unchanged()) return Status::bad_file;
  }
  if (!has_files) return operators.pack(team, parts, precision, packed);
  const Key key = key_of(operators, load, precision);
  {
    const std::lock_guard<std::mutex> lock(shelf().mutex);
    const auto found = shelf().entries.find(key);
    if (found != shelf().entries.end() && is_current(found->second, load))
      packed = found->second.packed.lock();
    if (packed != nullptr) return Status::ok;
  }
  // Two stacks that are built at the same moment may pack twice; both results are right.
  const Status status = load_or_pack(operators, load, parts, precision, team, packed);
  if (status != Status::ok) return status;
  const std::lock_guard<std::mutex> lock(shelf().mutex);
  drop_unused(shelf());
  Entry entry{packed, {}};
  for (const StoredMatrix& part : load.parts) entry.owners.emplace_back(part.numbers.owner);
  shelf().entries[key] = std::move(entry);
  return Status::ok;
}

}  // namespace weft::ops
