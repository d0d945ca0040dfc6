// See ops/packed_share.h.
#include "ops/packed_share.h"

#include <map>
#include <mutex>
#include <vector>

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

}  // namespace

Status share_packed(const Operators& operators, const LinearLoad& load, Precision precision, Team& team,
                    std::shared_ptr<const PackedMatrix>& packed) {
  std::vector<WeightPart> parts;
  bool shareable = true;
  for (const StoredMatrix& part : load.parts) {
    parts.push_back({part.numbers.data, part.numbers.dtype, part.outputs, part.inputs, load.inputs_first});
    shareable = shareable && part.numbers.shareable;
  }
  if (!shareable) return operators.pack(team, parts, precision, packed);
  const Key key = key_of(operators, load, precision);
  {
    const std::lock_guard<std::mutex> lock(shelf().mutex);
    const auto found = shelf().entries.find(key);
    if (found != shelf().entries.end() && is_current(found->second, load))
      packed = found->second.packed.lock();
    if (packed != nullptr) return Status::ok;
  }
  // Two stacks that are built at the same moment may pack twice; both results are right.
  const Status status = operators.pack(team, parts, precision, packed);
  if (status != Status::ok) return status;
  const std::lock_guard<std::mutex> lock(shelf().mutex);
  drop_unused(shelf());
  Entry entry{packed, {}};
  for (const StoredMatrix& part : load.parts) entry.owners.emplace_back(part.numbers.owner);
  shelf().entries[key] = std::move(entry);
  return Status::ok;
}

}  // namespace weft::ops
