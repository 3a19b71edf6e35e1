#include "stages/quantize/weights.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>

#include "engine/error.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const onnx::TensorProto& tensor, const fs::path& place, std::string what) {
  throw Error(ErrorKind::kModel, {place.string()}, "weight '" + tensor.name() + "' " + what,
              "Export the model again");
}

struct ExternalPlace {
  std::string location;
  std::uint64_t offset = 0;
};

ExternalPlace external_place(const onnx::TensorProto& tensor, const fs::path& directory) {
  ExternalPlace place;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() != "offset") continue;
    const std::string& digits = entry.value();
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), place.offset);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
      fail(tensor, directory, "has an offset that is no number: '" + digits + "'");
    }
  }
  const fs::path relative = place.location;
  const bool leaves = std::any_of(relative.begin(), relative.end(),
                                  [](const fs::path& part) { return part == ".."; });
  if (place.location.empty() || relative.is_absolute() || leaves) {
    fail(tensor, directory, "lies outside the model's directory: '" + place.location + "'");
  }
  return place;
}

void read_external(const onnx::TensorProto& tensor, const fs::path& directory,
                   std::vector<float>& values) {
  const ExternalPlace place = external_place(tensor, directory);
  const fs::path file = directory / place.location;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail(tensor, file, "can't be read: the file is missing or not readable");
  stream.seekg(static_cast<std::streamoff>(place.offset));
  const auto bytes = static_cast<std::streamsize>(values.size() * sizeof(float));
  stream.read(reinterpret_cast<char*>(values.data()), bytes);
  if (stream.gcount() != bytes) fail(tensor, file, "is cut short");
}

}  // namespace

std::vector<float> read_weights(const onnx::TensorProto& tensor, const fs::path& directory) {
  std::size_t count = 1;
  for (const std::int64_t d : tensor.dims()) {
    if (d < 0) fail(tensor, directory, "has a negative dimension");
    if (__builtin_mul_overflow(count, static_cast<std::size_t>(d), &count) || count >> 40) {
      fail(tensor, directory, "claims an impossible size");
    }
  }
  std::vector<float> values;
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    std::error_code error;
    const fs::path file = directory / external_place(tensor, directory).location;
    const auto size = fs::file_size(file, error);
    if (error) fail(tensor, file, "can't be read: " + error.message());
    if (size < count * sizeof(float)) fail(tensor, file, "is cut short");
    values.resize(count);
    read_external(tensor, directory, values);
  } else if (tensor.has_raw_data()) {
    if (tensor.raw_data().size() != count * sizeof(float)) {
      fail(tensor, directory, "has data that doesn't fill its shape");
    }
    values.resize(count);
    std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
  } else {
    if (static_cast<std::size_t>(tensor.float_data_size()) != count) {
      fail(tensor, directory, "has data that doesn't fill its shape");
    }
    values.assign(tensor.float_data().begin(), tensor.float_data().end());
  }
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    fail(tensor, directory, "holds NaN or infinity");
  }
  return values;
}

}  // namespace switchyard
