#include "stages/runtime/session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/error.h"
#include "stages/runtime/ort.h"

namespace switchyard {
namespace {

struct DtypeRow {
  std::string_view name;
  ONNXTensorElementDataType type;
  std::size_t size;
};

constexpr std::array kDtypes = {
    DtypeRow{"float32", ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, 4},
    DtypeRow{"float64", ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, 8},
    DtypeRow{"float16", ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, 2},
    DtypeRow{"bfloat16", ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, 2},
    DtypeRow{"int64", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, 8},
    DtypeRow{"int32", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, 4},
    DtypeRow{"int16", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, 2},
    DtypeRow{"int8", ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, 1},
    DtypeRow{"uint64", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, 8},
    DtypeRow{"uint32", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, 4},
    DtypeRow{"uint16", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, 2},
    DtypeRow{"uint8", ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, 1},
    DtypeRow{"bool", ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, 1},
};

const DtypeRow* find_dtype(std::string_view name) {
  const auto row = std::find_if(kDtypes.begin(), kDtypes.end(),
                                [&](const DtypeRow& r) { return r.name == name; });
  return row == kDtypes.end() ? nullptr : &*row;
}

const DtypeRow* find_dtype(ONNXTensorElementDataType type) {
  const auto row = std::find_if(kDtypes.begin(), kDtypes.end(),
                                [&](const DtypeRow& r) { return r.type == type; });
  return row == kDtypes.end() ? nullptr : &*row;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + (shape[i] < 0 ? std::string("?") : std::to_string(shape[i]));
  }
  return text + "]";
}

IoInfo describe(std::string name, const Ort::TypeInfo& type) {
  IoInfo info;
  info.name = std::move(name);
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return info;  // dtype stays empty
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  const DtypeRow* dtype = find_dtype(tensor.GetElementType());
  info.dtype = dtype ? std::string(dtype->name) : std::string("other");
  info.shape = tensor.GetShape();
  std::vector<const char*> names(info.shape.size(), nullptr);
  tensor.GetSymbolicDimensions(names.data(), names.size());
  for (const char* symbol : names) info.dim_names.emplace_back(symbol ? symbol : "");
  return info;
}

Ort::SessionOptions translate(const SessionOptions& options) {
  Ort::SessionOptions result;
  result.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  if (options.threads > 0) result.SetIntraOpNumThreads(options.threads);
  constexpr std::array kLevels = {ORT_DISABLE_ALL, ORT_ENABLE_BASIC, ORT_ENABLE_EXTENDED,
                                  ORT_ENABLE_ALL};
  if (options.optimization_level >= 0) {
    const std::size_t level = std::min<std::size_t>(options.optimization_level, kLevels.size() - 1);
    result.SetGraphOptimizationLevel(kLevels[level]);
  }
  // Initializers bypass the arena, which grows in powers of two and never shrinks.
  result.AddConfigEntry("session.use_device_allocator_for_initializers", "1");
  if (!options.save_optimized.empty()) {
    result.SetOptimizedModelFilePath(options.save_optimized.c_str());
    // Nothing will be run: packing every weight for the kernels would only cost time and memory.
    result.AddConfigEntry("session.disable_prepacking", "1");
    if (!options.external_initializers_file.empty()) {
      result.AddConfigEntry("session.optimized_model_external_initializers_file_name",
                            options.external_initializers_file.c_str());
      result.AddConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes",
                            std::to_string(options.external_initializers_min_bytes).c_str());
    }
  }
  if (!options.data_directory.empty()) {
    result.AddConfigEntry("session.model_external_initializers_file_folder_path",
                          options.data_directory.c_str());
  }
  return result;
}

}  // namespace

std::size_t Tensor::count() const {
  std::size_t n = 1;
  for (const std::int64_t d : shape) n *= static_cast<std::size_t>(d);
  return n;
}

std::size_t element_size(std::string_view dtype) {
  const DtypeRow* row = find_dtype(dtype);
  return row ? row->size : 0;
}

struct Session::Impl {
  std::string name;
  Ort::Session session{nullptr};
  std::vector<IoInfo> inputs;
  std::vector<IoInfo> outputs;

  [[noreturn]] void fail(std::string what, std::string mend = {}) const {
    throw Error(ErrorKind::kModel, {name}, std::move(what), std::move(mend));
  }

  void read_signature() {
    Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
      inputs.push_back(
          describe(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
      outputs.push_back(describe(session.GetOutputNameAllocated(i, allocator).get(),
                                 session.GetOutputTypeInfo(i)));
    }
  }

  template <typename Create>
  static std::unique_ptr<Impl> open(std::string name, Create create) {
    auto impl = std::make_unique<Impl>();
    impl->name = std::move(name);
    Ort::Env& environment = ort_environment();
    try {
      impl->session = create(environment);
      impl->read_signature();
    } catch (const Ort::Exception& e) {
      impl->fail("the model can't be loaded: " + ort_reason(e));
    }
    return impl;
  }

  Ort::Value borrow(const IoInfo& info, const Tensor& tensor) const {
    const std::string where = "input '" + info.name + "'";
    const DtypeRow* dtype = find_dtype(tensor.dtype);
    if (!dtype || info.dtype != tensor.dtype) {
      fail(where + " takes " + info.dtype + ", it was given " + tensor.dtype);
    }
    bool fits = tensor.shape.size() == info.shape.size() || info.shape.empty();
    for (std::size_t i = 0; fits && i < info.shape.size(); ++i) {
      fits = tensor.shape[i] >= 0 && (info.shape[i] < 0 || info.shape[i] == tensor.shape[i]);
    }
    if (!fits) {
      fail(where + " has shape " + shape_text(info.shape) + ", it was given " +
           shape_text(tensor.shape));
    }
    if (tensor.bytes.size() != tensor.count() * dtype->size) {
      fail(where + ": " + std::to_string(tensor.bytes.size()) + " bytes don't fill shape " +
           shape_text(tensor.shape) + " of " + tensor.dtype);
    }
    static const Ort::MemoryInfo cpu =
        Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
    return Ort::Value::CreateTensor(cpu, const_cast<std::byte*>(tensor.bytes.data()),
                                    tensor.bytes.size(), tensor.shape.data(), tensor.shape.size(),
                                    dtype->type);
  }

  Tensor copy(const std::string& output, const Ort::Value& value) const {
    if (!value.HasValue() || !value.IsTensor()) fail("output '" + output + "' is not a tensor");
    const auto info = value.GetTensorTypeAndShapeInfo();
    const DtypeRow* dtype = find_dtype(info.GetElementType());
    if (!dtype) fail("output '" + output + "' has a data type that is not supported");
    Tensor tensor{std::string(dtype->name), info.GetShape(), {}};
    tensor.bytes.resize(info.GetElementCount() * dtype->size);
    if (!tensor.bytes.empty()) {
      std::memcpy(tensor.bytes.data(), value.GetTensorRawData(), tensor.bytes.size());
    }
    return tensor;
  }
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session::Session(const std::filesystem::path& model, const SessionOptions& options)
    : impl_(Impl::open(model.string(), [&](Ort::Env& environment) {
        return Ort::Session(environment, model.c_str(), translate(options));
      })) {}

Session Session::from_memory(std::string_view model, const std::string& name,
                             const SessionOptions& options) {
  return Session(Impl::open(name, [&](Ort::Env& environment) {
    return Ort::Session(environment, model.data(), model.size(), translate(options));
  }));
}

const std::vector<IoInfo>& Session::inputs() const { return impl_->inputs; }
const std::vector<IoInfo>& Session::outputs() const { return impl_->outputs; }

NamedTensors Session::run(const NamedTensors& inputs,
                          const std::vector<std::string>& outputs) const {
  const Impl& self = *impl_;
  std::vector<std::string> wanted = outputs;
  if (wanted.empty()) {
    for (const IoInfo& info : self.outputs) wanted.push_back(info.name);
  }
  try {
    std::vector<const char*> input_names;
    std::vector<Ort::Value> values;
    for (const IoInfo& info : self.inputs) {
      const auto given = inputs.find(info.name);
      if (given == inputs.end()) self.fail("input '" + info.name + "' was not given");
      input_names.push_back(info.name.c_str());
      values.push_back(self.borrow(info, given->second));
    }
    for (const auto& [name, tensor] : inputs) {
      const bool known = std::any_of(self.inputs.begin(), self.inputs.end(),
                                     [&, &n = name](const IoInfo& i) { return i.name == n; });
      if (!known) self.fail("the graph has no input '" + name + "'");
    }
    std::vector<const char*> output_names;
    for (const std::string& name : wanted) {
      const bool known = std::any_of(self.outputs.begin(), self.outputs.end(),
                                     [&](const IoInfo& i) { return i.name == name; });
      if (!known) self.fail("the graph has no output '" + name + "'");
      output_names.push_back(name.c_str());
    }
    // Ort::Session::Run is not const, though OrtApi::Run may be called from many threads.
    auto& session = const_cast<Ort::Session&>(self.session);
    const std::vector<Ort::Value> results =
        session.Run(Ort::RunOptions{nullptr}, input_names.data(), values.data(), values.size(),
                    output_names.data(), output_names.size());
    NamedTensors named;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      named.emplace(wanted[i], self.copy(wanted[i], results[i]));
    }
    return named;
  } catch (const Ort::Exception& e) {
    self.fail("running the model failed: " + ort_reason(e));
  }
}

}  // namespace switchyard
