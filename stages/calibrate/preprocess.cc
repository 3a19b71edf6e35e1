#include "stages/calibrate/preprocess.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "stages/calibrate/image_codecs.h"
#include "stages/calibrate/resize.h"

namespace switchyard {
namespace {

// ITU-R 601-2 luma in Pillow's fixed point; all three channels then hold the grey.
void turn_grey(Image& image) {
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    std::uint8_t* pixel = image.rgb.data() + i;
    const std::uint32_t sum = pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u;
    std::fill(pixel, pixel + 3, static_cast<std::uint8_t>(sum >> 16));
  }
}

// A pixel has 256 values, so each channel's arithmetic is done once per value. In float32 and in
// the order of torchvision and transformers, so that results are theirs to the last bit.
std::array<float, 256> value_table(const ImagePreprocessing& preprocessing, std::size_t channel) {
  const auto entry = [channel](const std::vector<double>& values, double otherwise) {
    return static_cast<float>(channel < values.size() ? values[channel] : otherwise);
  };
  const float mean = entry(preprocessing.mean, 0.0);
  const float deviation = entry(preprocessing.std, 1.0);
  std::array<float, 256> table;
  for (int pixel = 0; pixel < 256; ++pixel) {
    float value = static_cast<float>(pixel * preprocessing.rescale_factor);
    if (preprocessing.offset != 0.0) value -= static_cast<float>(preprocessing.offset);
    table[static_cast<std::size_t>(pixel)] = (value - mean) / deviation;
  }
  return table;
}

std::uint8_t pad_value(const ImagePreprocessing& preprocessing, std::size_t channel) {
  const std::vector<int>& color = preprocessing.pad_color;
  return static_cast<std::uint8_t>(channel < color.size() ? std::clamp(color[channel], 0, 255) : 0);
}

// float32 to the nearest float16, ties to even; too large becomes infinity, NaN stays NaN.
std::uint16_t to_half(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x47800000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  const int exponent = static_cast<int>(magnitude >> 23) - 127;
  if (exponent < -25) return sign;
  std::uint32_t mantissa = (magnitude & 0x7fffffu) | 0x800000u;
  // Bits to drop: 13 for a normal half, more where the exponent is below its range.
  const int shift = exponent < -14 ? 13 + (-14 - exponent) : 13;
  const std::uint32_t kept = mantissa >> shift;
  const std::uint32_t rest = mantissa & ((1u << shift) - 1);
  const std::uint32_t half = 1u << (shift - 1);
  std::uint32_t rounded = kept + (rest > half || (rest == half && (kept & 1u)) ? 1 : 0);
  // A carry out of the mantissa raises the exponent by itself.
  if (exponent >= -14) rounded += static_cast<std::uint32_t>(exponent + 14) << 10;
  return static_cast<std::uint16_t>(sign | rounded);
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  std::uint32_t exponent = (half >> 10) & 0x1fu;
  std::uint32_t mantissa = half & 0x3ffu;
  std::uint32_t bits;
  if (exponent == 0x1f) {
    bits = sign | 0x7f800000u | (mantissa << 13);
  } else if (exponent == 0 && mantissa == 0) {
    bits = sign;
  } else {
    if (exponent == 0) {  // subnormal: shift up until the leading one is explicit
      exponent = 1;
      while ((mantissa & 0x400u) == 0) {
        mantissa <<= 1;
        --exponent;
      }
      mantissa &= 0x3ffu;
    }
    bits = sign | ((exponent + 112u) << 23) | (mantissa << 13);
  }
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

bool is_float(std::string_view dtype) {
  return dtype == "float32" || dtype == "float64" || dtype == "float16";
}

double read_element(const Tensor& tensor, std::size_t i) {
  if (tensor.dtype == "float32") return static_cast<double>(tensor.as<float>()[i]);
  if (tensor.dtype == "float64") return tensor.as<double>()[i];
  return static_cast<double>(from_half(tensor.as<std::uint16_t>()[i]));
}

}  // namespace

Tensor preprocess_image(const ImagePreprocessing& preprocessing, const Image& image,
                        const std::string& name) {
  const ImagePlan plan = plan_image(preprocessing, image.height, image.width);
  codecs::check_dimensions(plan.resize_width, plan.resize_height, name);
  codecs::check_dimensions(plan.width, plan.height, name);
  Image scaled;
  if (preprocessing.channels == 1) {
    scaled = image;
    turn_grey(scaled);
    scaled = resize(scaled, plan.resize_width, plan.resize_height, preprocessing.interpolation);
  } else {
    scaled = resize(image, plan.resize_width, plan.resize_height, preprocessing.interpolation);
  }

  const std::size_t channels = preprocessing.channels == 1 ? 1 : 3;
  const std::size_t plane = static_cast<std::size_t>(plan.height) * plan.width;
  Tensor result;
  result.shape = {static_cast<std::int64_t>(channels), plan.height, plan.width};
  result.bytes.resize(channels * plane * sizeof(float));
  // The part of the window that lies on the image; the rest is padding.
  const int x_begin = std::clamp(-plan.left, 0, plan.width);
  const int x_end = std::clamp(scaled.width - plan.left, x_begin, plan.width);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::array<float, 256> table = value_table(preprocessing, c);
    const float padding = table[pad_value(preprocessing, c)];
    float* out = result.as<float>() + c * plane;
    const std::size_t from_channel = preprocessing.flip_channels ? channels - 1 - c : c;
    for (int y = 0; y < plan.height; ++y, out += plan.width) {
      const int row = y + plan.top;
      if (row < 0 || row >= scaled.height) {
        std::fill(out, out + plan.width, padding);
        continue;
      }
      std::fill(out, out + x_begin, padding);
      const std::uint8_t* from =
          scaled.rgb.data() +
          3 * (static_cast<std::size_t>(row) * scaled.width + (x_begin + plan.left)) + from_channel;
      for (int x = x_begin; x < x_end; ++x, from += 3) out[x] = table[*from];
      std::fill(out + x_end, out + plan.width, padding);
    }
  }
  return result;
}

Tensor stack(std::span<const Tensor> tensors) {
  Tensor result;
  result.dtype = tensors.front().dtype;
  result.shape = tensors.front().shape;
  result.shape.insert(result.shape.begin(), static_cast<std::int64_t>(tensors.size()));
  result.bytes.reserve(tensors.size() * tensors.front().bytes.size());
  for (const Tensor& tensor : tensors)
    result.bytes.insert(result.bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
  return result;
}

bool is_convertible(std::string_view from, std::string_view to) {
  return from == to || (is_float(from) && is_float(to));
}

Tensor convert_tensor(Tensor tensor, const std::string& dtype) {
  if (tensor.dtype == dtype) return tensor;
  Tensor result;
  result.dtype = dtype;
  result.shape = tensor.shape;
  const std::size_t count = tensor.count();
  const std::size_t size = dtype == "float64" ? 8 : dtype == "float32" ? 4 : 2;
  result.bytes.resize(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const double value = read_element(tensor, i);
    if (size == 8)
      result.as<double>()[i] = value;
    else if (size == 4)
      result.as<float>()[i] = static_cast<float>(value);
    else
      result.as<std::uint16_t>()[i] = to_half(static_cast<float>(value));
  }
  return result;
}

}  // namespace switchyard
