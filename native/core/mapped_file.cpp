// What every system shares of core/mapped_file.h.
#include "core/mapped_file.h"

#include <new>
#include <utility>

namespace weft {

Status MappedFile::open(const std::string& path, std::shared_ptr<const MappedFile>& file, std::string& error,
                        bool watch) noexcept {
  try {
    std::shared_ptr<MappedFile> opened(new MappedFile());
    const Status status = opened->map(path, error);
    if (!watch) opened->close_handle();
    if (status == Status::ok) file = std::move(opened);
    return status;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  }
}

}  // namespace weft
