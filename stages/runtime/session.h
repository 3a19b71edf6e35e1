// ONNX Runtime behind a narrow interface. The library is loaded on first use (6 ms), so programs
// that never run a model never pay for it; no ONNX Runtime header leaks out of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// A dense tensor in row-major order. `dtype` in ONNX spelling: float32, float64, float16, int64,
// int32, int8, uint8, bool. `bytes` holds product(shape) elements.
struct Tensor {
  std::string dtype = "float32";
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  // Elements as the shape says: 1 for a scalar, 0 when a dimension is 0.
  std::size_t count() const;
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(bytes.data());
  }
  template <typename T>
  T* as() {
    return reinterpret_cast<T*>(bytes.data());
  }
};
using NamedTensors = std::map<std::string, Tensor>;

// Bytes of one element; 0 for a dtype that Tensor can't hold (string, complex, ...).
std::size_t element_size(std::string_view dtype);

// A graph's input or output as declared. A dimension below 0 is symbolic; its name is in
// dim_names at the same index (empty when anonymous).
struct IoInfo {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::string> dim_names;
};

struct SessionOptions {
  int threads = 0;                         // 0: ONNX Runtime's default
  int optimization_level = -1;             // -1 default; 0 none, 1 basic, 2 extended, 3 all
  std::filesystem::path save_optimized;    // where the offline optimizer writes; empty: not
  std::string external_initializers_file;  // file name for data of save_optimized; empty: inside
  std::size_t external_initializers_min_bytes = 1024;  // smaller ones stay inside all the same
  std::filesystem::path data_directory;                // of external data, for a model from memory
};

// A loaded model. Thread-safe: any number of threads may run one Session at the same time.
class Session {
 public:
  // Throws Error(kModel) naming the file and ONNX Runtime's reason in our words.
  explicit Session(const std::filesystem::path& model, const SessionOptions& options = {});
  // A model serialized in memory; the bytes may go once this returns. `name` stands in messages.
  static Session from_memory(std::string_view model, const std::string& name,
                             const SessionOptions& options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const std::vector<IoInfo>& inputs() const;
  const std::vector<IoInfo>& outputs() const;
  // All outputs, or those named. Inputs are checked first: names, dtypes, ranks, fixed dimensions
  // and sizes. Throws Error(kModel).
  NamedTensors run(const NamedTensors& inputs, const std::vector<std::string>& outputs = {}) const;

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// "1.30.0". Loads the library. Throws Error(kModel) when there is none.
std::string onnxruntime_version();

}  // namespace switchyard
