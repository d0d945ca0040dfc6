// One packed matrix as a file, used where it lies: the panels are memory-mapped, never copied. Only for
// kernels that would pack it the same, in the same byte order; whoever names the files sees to that.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/team.h"
#include "ops/operators.h"

namespace weft::ops {

// What a file that is being written is called at the end.
inline constexpr const char* kPackedDraft = ".draft";

// Writes a temporary file in the same folder and renames it, so that readers see all of it or nothing.
// False when it cannot be written; then nothing is left behind.
bool write_packed_file(const std::filesystem::path& path, const std::string& key,
                       const PackedMatrix& matrix) noexcept;

enum class PackedFileState : unsigned char {
  usable,
  missing,
  damaged,  // cut, altered, of another key or format
};

// Checks every byte against the file's checksum, shared by `team`.
PackedFileState read_packed_file(const std::filesystem::path& path, const std::string& key,
                                 const Operators& operators, Precision precision, Team& team,
                                 std::shared_ptr<const PackedMatrix>& matrix) noexcept;

}  // namespace weft::ops
