// See addon/read_plan.h.
#include "addon/read_plan.h"

#include "addon/read_value.h"

namespace weft::addon {
namespace {

int64_t element_count(Napi::Env env, int width, int height, int channels) {
  if (width < 1 || height < 1 || channels < 1 || channels > ops::kMostChannels) refuse(env);
  const int64_t pixels = static_cast<int64_t>(width) * height;
  if (pixels > INT64_MAX / channels) refuse(env);
  return pixels * channels;
}

ImageView read_source(const Napi::Object& request, Napi::Array keep_alive) {
  ImageView source;
  source.width = read_integer(request.Get("width"));
  source.height = read_integer(request.Get("height"));
  source.channels = read_integer(request.Get("channels"));
  const int64_t count = element_count(request.Env(), source.width, source.height, source.channels);
  source.data = read_buffer<uint8_t>(request.Get("data"), napi_uint8_array, count, keep_alive);
  return source;
}

ops::ResizeRequest read_resize(const Napi::Object& value) {
  ops::ResizeRequest resize;
  resize.width = read_integer(value.Get("width"));
  resize.height = read_integer(value.Get("height"));
  const int filter = read_integer(value.Get("filter"));
  if (filter < 0 || filter >= ops::kFilterCount) refuse(value.Env());
  resize.filter = static_cast<ops::Filter>(filter);
  const Napi::Object box = read_object(value.Get("box"));
  resize.across = {read_number(box.Get(0u)), read_number(box.Get(2u))};
  resize.down = {read_number(box.Get(1u)), read_number(box.Get(3u))};
  resize.reducing_gap = read_number(value.Get("reducingGap"));
  return resize;
}

Rectangle read_rectangle(const Napi::Object& value) {
  return {read_integer(value.Get("left")), read_integer(value.Get("top")), read_integer(value.Get("width")),
          read_integer(value.Get("height"))};
}

void read_tables(const Napi::Object& request, int channels, ops::FloatTarget& floats) {
  const Napi::Value offset = request.Get("offset");
  const Napi::Value mean = request.Get("mean");
  const Napi::Value deviation = request.Get("std");
  for (int channel = 0; channel < channels; ++channel) {
    const auto index = static_cast<uint32_t>(channel);
    ops::Normalisation normalisation;
    normalisation.factor = read_number(request.Get("factor"));
    if (is_given(offset)) normalisation.offset = static_cast<float>(read_number(offset));
    if (is_given(mean)) {
      normalisation.mean = static_cast<float>(read_number(read_object(mean).Get(index)));
      normalisation.deviation = static_cast<float>(read_number(read_object(deviation).Get(index)));
    }
    ops::fill_table(normalisation, floats.table[channel]);
  }
}

ops::FloatTarget read_floats(const Napi::Object& request, int channels, Napi::Array keep_alive) {
  ops::FloatTarget floats;
  const Rectangle canvas = read_rectangle(read_object(request.Get("canvas")));
  floats.canvas_width = canvas.width;
  floats.canvas_height = canvas.height;
  floats.left = canvas.left;
  floats.top = canvas.top;
  floats.canvas_value = static_cast<float>(read_number(request.Get("canvasValue")));
  const int64_t count = element_count(request.Env(), canvas.width, canvas.height, channels);
  floats.data = read_buffer<float>(request.Get("floats"), napi_float32_array, count, keep_alive);
  read_tables(request, channels, floats);
  return floats;
}

}  // namespace

ops::PictureRequest read_picture_request(const Napi::Value& value, Napi::Array keep_alive) {
  const Napi::Object object = read_object(value);
  ops::PictureRequest request;
  request.source = read_source(object, keep_alive);
  if (is_given(object.Get("resize"))) request.resize = read_resize(read_object(object.Get("resize")));
  request.crop = read_rectangle(read_object(object.Get("crop")));
  const Napi::Value bytes = object.Get("bytes");
  if (is_given(bytes)) {
    const int64_t count =
        element_count(object.Env(), request.crop.width, request.crop.height, request.source.channels);
    request.bytes = read_buffer<uint8_t>(bytes, napi_uint8_array, count, keep_alive);
  } else {
    request.floats = read_floats(object, request.source.channels, keep_alive);
  }
  return request;
}

}  // namespace weft::addon
