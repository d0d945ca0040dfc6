// See ops/depthwise_convolution.h.
#include "ops/depthwise_convolution.h"

#include "core/buffer.h"
#include "ops/image_layout.h"

namespace weft::ops {
Status convolve_depthwise(Team& team, const dispatch::KernelTable& table, const DepthwiseProblem& problem,
                          const float* in, ImageLayout in_layout, float* out,
                          ImageLayout out_layout) noexcept {
  const ConvolutionShape& shape = problem.shape;
  const bool by_pixels = in_layout == ImageLayout::nhwc && out_layout == ImageLayout::nhwc;
  if (by_pixels && shape.inputs == shape.outputs) {
    return convolve_pixels(team, table, problem, in, out);
  }
  const size_t in_pixels = problem.height * problem.width;
  const size_t out_pixels =
      convolution_size(shape.y, problem.height) * convolution_size(shape.x, problem.width);
  Buffer in_planes, out_planes;
  Status status = Status::ok;
  if (in_layout == ImageLayout::nhwc) {
    status = Buffer::allocate(problem.batch * shape.inputs * in_pixels * sizeof(float), in_planes);
    if (status != Status::ok) return status;
    status =
        change_layout(team, table, problem.batch, shape.inputs, in_pixels, in_layout, in, in_planes.floats());
    if (status != Status::ok) return status;
    in = in_planes.floats();
  }
  if (out_layout == ImageLayout::nchw) return convolve_planes(team, table, problem, in, out);
  status = Buffer::allocate(problem.batch * shape.outputs * out_pixels * sizeof(float), out_planes);
  if (status != Status::ok) return status;
  status = convolve_planes(team, table, problem, in, out_planes.floats());
  if (status != Status::ok) return status;
  return change_layout(team, table, problem.batch, shape.outputs, out_pixels, ImageLayout::nchw,
                       out_planes.floats(), out);
}

}  // namespace weft::ops
