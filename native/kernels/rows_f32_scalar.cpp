// The oracle of the row kernels: plain loops, sums in double.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/half_float.h"
#include "kernels/activation_scalar.h"
#include "kernels/rows_f32.h"

namespace weft::kernels {
namespace {

// out = (x - shift) * factor * weight + bias.
void scale_row(size_t width, const float* in, double shift, double factor, const float* weight,
               const float* bias, float* out) {
  for (size_t i = 0; i < width; ++i) {
    const double scale = weight == nullptr ? factor : factor * weight[i];
    out[i] = static_cast<float>((in[i] - shift) * scale + (bias == nullptr ? 0.0 : bias[i]));
  }
}

double square_sum(size_t width, const float* in, double shift) {
  double sum = 0;
  for (size_t i = 0; i < width; ++i) sum += (in[i] - shift) * (in[i] - shift);
  return sum;
}

void layer_norm(size_t rows, size_t width, const float* in, size_t in_stride, const float* weight,
                const float* bias, float epsilon, float* out, size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    double sum = 0;
    for (size_t i = 0; i < width; ++i) sum += in[i];
    const double count = static_cast<double>(width);
    const double mean = sum / count;
    const double variance = square_sum(width, in, mean) / count;
    scale_row(width, in, mean, 1 / std::sqrt(variance + epsilon), weight, bias, out);
  }
}

void rms_norm(size_t rows, size_t width, const float* in, size_t in_stride, const float* weight,
              const float* bias, float epsilon, float* out, size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    const double mean = square_sum(width, in, 0) / static_cast<double>(width);
    scale_row(width, in, 0, 1 / std::sqrt(mean + epsilon), weight, bias, out);
  }
}

void l2_normalise(size_t rows, size_t width, const float* in, size_t in_stride, float epsilon, float* out,
                  size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    const double norm = std::sqrt(square_sum(width, in, 0));
    // A norm that is NaN is not below epsilon and stays.
    const double divisor = norm < epsilon ? epsilon : norm;
    for (size_t i = 0; i < width; ++i) out[i] = static_cast<float>(in[i] / divisor);
  }
}

void norms(size_t rows, size_t width, const float* in, size_t in_stride, float* out) {
  for (size_t row = 0; row < rows; ++row) {
    out[row] = static_cast<float>(std::sqrt(square_sum(width, in + row * in_stride, 0)));
  }
}

void dots(size_t rows, size_t width, const float* in, size_t in_stride, size_t queries, const float* query,
          float* products, size_t product_stride) {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t q = 0; q < queries; ++q) {
      double sum = 0;
      for (size_t i = 0; i < width; ++i) {
        sum += static_cast<double>(in[row * in_stride + i]) * query[q * width + i];
      }
      products[row * product_stride + q] = static_cast<float>(sum);
    }
  }
}

void half_dots(size_t rows, size_t width, const uint16_t* in, size_t in_stride, size_t queries,
               const float* query, float* products, size_t product_stride) {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t q = 0; q < queries; ++q) {
      double sum = 0;
      for (size_t i = 0; i < width; ++i) {
        sum += static_cast<double>(half_to_float(in[row * in_stride + i])) * query[q * width + i];
      }
      products[row * product_stride + q] = static_cast<float>(sum);
    }
  }
}

void widen_halves(size_t count, const uint16_t* in, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = half_to_float(in[i]);
}

size_t argmax(size_t width, const float* in) {
  size_t best = 0;
  for (size_t i = 0; i < width; ++i) {
    if (std::isnan(in[i])) return i;
    if (in[i] > in[best]) best = i;
  }
  return best;
}

void softmax(size_t rows, size_t width, const float* in, size_t in_stride, float* out, size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    float maximum = -std::numeric_limits<float>::infinity();
    for (size_t i = 0; i < width; ++i) maximum = std::max(maximum, in[i]);
    // Where all is -infinity (or NaN, which a maximum may lose), subtracting it would give NaN.
    const double shift = std::isinf(maximum) && maximum < 0 ? 0.0 : maximum;
    double sum = 0;
    for (size_t i = 0; i < width; ++i) sum += std::exp(in[i] - shift);
    for (size_t i = 0; i < width; ++i) {
      out[i] = sum == 0 ? 0.0f : static_cast<float>(std::exp(in[i] - shift) / sum);
    }
  }
}

void activate(Activation activation, size_t rows, size_t width, const float* in, size_t in_stride, float* out,
              size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    for (size_t i = 0; i < width; ++i) out[i] = static_cast<float>(activate_double(activation, in[i]));
  }
}

void add_scaled(size_t count, const float* a, const float* b, float scale, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>(a[i] + static_cast<double>(scale) * b[i]);
}

void multiply(size_t count, const float* a, const float* b, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = a[i] * b[i];
}

void rotate(size_t rows, size_t heads, size_t head_size, size_t half, const float* cosines,
            const float* sines, float* data, size_t row_stride) {
  for (size_t row = 0; row < rows; ++row, data += row_stride, cosines += half, sines += half) {
    for (size_t head = 0; head < heads; ++head) {
      float* first = data + head * head_size;
      float* second = first + half;
      for (size_t d = 0; d < half; ++d) {
        const double a = first[d], b = second[d], cosine = cosines[d], sine = sines[d];
        first[d] = static_cast<float>(a * cosine - b * sine);
        second[d] = static_cast<float>(b * cosine + a * sine);
      }
    }
  }
}

}  // namespace

const RowsF32 rows_f32_scalar = {&layer_norm, &rms_norm,     &l2_normalise, &norms,   &dots,
                                 &half_dots,  &widen_halves, &argmax,       &softmax, &activate,
                                 &add_scaled, &multiply,     &rotate};

}  // namespace weft::kernels
