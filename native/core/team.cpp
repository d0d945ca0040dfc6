// See core/team.h.
#include "core/team.h"

#include "core/thread_pool.h"

namespace weft {

unsigned Team::size() const noexcept { return pool_ == nullptr ? 1 : pool_->size(); }

void Team::parallel(size_t count, FunctionRef<void(size_t)> body) noexcept {
  if (count < 2 || size() == 1) {
    for (size_t index = 0; index < count; ++index) body(index);
    return;
  }
  pool_->share(count, body);
}

}  // namespace weft
