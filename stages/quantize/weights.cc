#include "stages/quantize/weights.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>

#include "engine/error.h"
#include "stages/export/graph/half.h"
#include "stages/runtime/external_data.h"

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

void read_external(const onnx::TensorProto& tensor, const fs::path& directory, char* to,
                   std::size_t size) {
  const ExternalPlace place = external_place(tensor, directory);
  const fs::path file = directory / place.location;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail(tensor, file, "can't be read: the file is missing or not readable");
  stream.seekg(static_cast<std::streamoff>(place.offset));
  const auto bytes = static_cast<std::streamsize>(size);
  stream.read(to, bytes);
  if (stream.gcount() != bytes) fail(tensor, file, "is cut short");
}

template <typename T>
std::vector<T> read_stored(const onnx::TensorProto& tensor, const fs::path& directory,
                           std::size_t count) {
  std::vector<T> values;
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    std::error_code error;
    const fs::path file = directory / external_place(tensor, directory).location;
    const auto size = fs::file_size(file, error);
    if (error) fail(tensor, file, "can't be read: " + error.message());
    if (size < count * sizeof(T)) fail(tensor, file, "is cut short");
    values.resize(count);
    read_external(tensor, directory, reinterpret_cast<char*>(values.data()), count * sizeof(T));
    return values;
  }
  if (tensor.raw_data().size() != count * sizeof(T)) {
    fail(tensor, directory, "has data that doesn't fill its shape");
  }
  values.resize(count);
  std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
  return values;
}

// Without raw data, 16-bit floats lie in int32_data, one each.
std::vector<std::uint16_t> read_halves(const onnx::TensorProto& tensor, const fs::path& directory,
                                       std::size_t count) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.has_raw_data()) {
    return read_stored<std::uint16_t>(tensor, directory, count);
  }
  if (static_cast<std::size_t>(tensor.int32_data_size()) != count) {
    fail(tensor, directory, "has data that doesn't fill its shape");
  }
  return {tensor.int32_data().begin(), tensor.int32_data().end()};
}

std::vector<float> widen(const onnx::TensorProto& tensor,
                         const std::vector<std::uint16_t>& halves) {
  const auto to_float = tensor.data_type() == onnx::TensorProto::BFLOAT16 ? graph::bfloat16_to_float
                                                                          : graph::half_to_float;
  std::vector<float> values(halves.size());
  std::transform(halves.begin(), halves.end(), values.begin(), to_float);
  return values;
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
  if (tensor.data_type() != onnx::TensorProto::FLOAT) {
    values = widen(tensor, read_halves(tensor, directory, count));
  } else if (tensor.data_location() != onnx::TensorProto::EXTERNAL && !tensor.has_raw_data()) {
    if (static_cast<std::size_t>(tensor.float_data_size()) != count) {
      fail(tensor, directory, "has data that doesn't fill its shape");
    }
    values.assign(tensor.float_data().begin(), tensor.float_data().end());
  } else {
    values = read_stored<float>(tensor, directory, count);
  }
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    fail(tensor, directory, "holds NaN or infinity");
  }
  return values;
}

void DataFile::store(onnx::TensorProto& tensor, std::string_view bytes) {
  constexpr std::size_t kSmall = 4096;
  if (bytes.size() < kSmall) {
    tensor.set_raw_data(bytes.data(), bytes.size());
    return;
  }
  const std::uint64_t offset = aligned_offset(end_, bytes.size());
  file_.append_zeros(offset - end_);
  file_.append(bytes);
  set_external(tensor, name_, offset, bytes.size());
  end_ = offset + bytes.size();
}

}  // namespace switchyard
