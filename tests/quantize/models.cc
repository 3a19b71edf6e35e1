#include "tests/quantize/models.h"

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include <cmath>
#include <fstream>

#include "engine/error.h"
#include "stages/runtime/model_file.h"
#include "stages/runtime/session.h"

namespace switchyard::testing_models {

namespace fs = std::filesystem;

onnx::ModelProto parse(const std::string& graph, int opset) {
  onnx::ModelProto model;
  const std::string text =
      "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) + "]>" + graph;
  const auto status = onnx::OnnxParser::Parse(model, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return model;
}

void add_weight(onnx::ModelProto& model, const std::string& name,
                const std::vector<std::int64_t>& dims, const std::vector<float>& values) {
  auto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t d : dims) tensor->add_dims(d);
  tensor->set_raw_data(values.data(), values.size() * sizeof(float));
}

void add_weight(onnx::ModelProto& model, const std::string& name,
                const std::vector<std::int64_t>& dims, float amplitude, int axis, float spread) {
  std::int64_t count = 1, inner = 1;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    count *= dims[d];
    if (static_cast<int>(d) > axis) inner *= dims[d];
  }
  std::vector<float> values(count);
  std::uint32_t state = 12345u + static_cast<std::uint32_t>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    const float uniform = static_cast<float>(state >> 8) / 8388608.0f - 1.0f;
    const auto channel = static_cast<float>(i / inner % dims[axis]);
    values[i] = amplitude * uniform * std::pow(spread, channel);
  }
  add_weight(model, name, dims, values);
}

void move_weights_outside(onnx::ModelProto& model, const fs::path& file) {
  std::ofstream stream(file, std::ios::binary);
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
    const std::string bytes = tensor.raw_data();
    const auto offset = static_cast<long long>(stream.tellp());
    stream << bytes;
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>{"location", file.filename().string()},
          {"offset", std::to_string(offset)},
          {"length", std::to_string(bytes.size())}}) {
      auto* entry = tensor.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
  }
}

std::string dump(const onnx::GraphProto& graph) {
  std::string text;
  for (const auto& node : graph.node()) {
    for (const auto& name : node.output()) text += (&name == &node.output(0) ? "" : ", ") + name;
    text += " = " + node.op_type();
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == "axis") text += "<axis=" + std::to_string(attribute.i()) + ">";
    }
    text += "(";
    for (const auto& name : node.input()) text += (&name == &node.input(0) ? "" : ", ") + name;
    text += ")\n";
  }
  return text;
}

fs::path fresh_folder() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  const fs::path folder = fs::path(::testing::TempDir()) /
                          (std::string("quantize_") + info->test_suite_name() + "_" + info->name());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::map<std::string, int> operators_run(const fs::path& model) {
  const fs::path saved = model.string() + ".run.onnx";
  SessionOptions options;
  options.optimization_level = 2;
  options.save_optimized = saved;
  Session(model, options);
  onnx::ModelProto proto;
  read_model(saved, proto);
  fs::remove(saved);
  std::map<std::string, int> counts;
  for (const auto& node : proto.graph().node()) ++counts[node.op_type()];
  return counts;
}

}  // namespace switchyard::testing_models
