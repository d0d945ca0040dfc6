// A batch of pictures as one pool operation: pieces are bands of output rows.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/operation.h"
#include "dispatch/kernel_table.h"
#include "ops/preprocess_plan.h"

namespace weft::ops {

class PreprocessJob : public Operation {
 public:
  // Checks every request and cuts the batch into pieces for `threads` threads. The pixels and targets that
  // the requests point to must stay in place until the operation ends. At least one request.
  static Status create(std::vector<PictureRequest> requests, const dispatch::KernelTable& table,
                       unsigned threads, std::unique_ptr<PreprocessJob>& job) noexcept;

  size_t task_count() const override { return bands_.size(); }
  void run_task(size_t index) noexcept override;

 private:
  struct Picture {
    PictureRequest request;
    PreparedPicture prepared;
    std::mutex mutex;
    bool is_prepared = false;
  };
  struct Band {
    size_t picture;
    int first_row;
    int last_row;
  };

  explicit PreprocessJob(const dispatch::KernelTable& table) : table_(table) {}
  void cut(unsigned threads);
  Status run(const Band& band);

  const dispatch::KernelTable& table_;
  std::vector<std::unique_ptr<Picture>> pictures_;
  std::vector<Band> bands_;
};

}  // namespace weft::ops
