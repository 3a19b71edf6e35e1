#include "tests/recipes/support.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <type_traits>

#include "engine/json.h"

namespace switchyard::recipes_test {
namespace {

std::string text_of(const graph::Attribute::Data& data) {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::shared_ptr<const graph::Constant>>) {
          return "constant";
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>> || std::is_same_v<T, std::vector<double>> ||
                             std::is_same_v<T, std::vector<std::string>>) {
          List list;
          for (const auto& element : value) list.emplace_back(element);
          return Value(list).to_json();
        } else if constexpr (std::is_same_v<T, double>) {
          // As float32 holds it, so that the text does not depend on how it was computed.
          char buffer[32];
          std::snprintf(buffer, sizeof buffer, "%.7g", value);
          return buffer;
        } else {
          return Value(value).to_json();
        }
      },
      data);
}

// "$weight" for "layer.0.dense.weight" at the node "/layer.0/dense/Gemm": as the recipe writes it.
std::string within(const std::string& tensor, const std::string& node) {
  std::string scope = node.substr(0, node.rfind('/') + 1);
  std::replace(scope.begin(), scope.end(), '/', '.');
  if (!scope.empty()) scope.erase(0, 1);
  return tensor.starts_with(scope) ? "$" + tensor.substr(scope.size()) : tensor;
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Checkpoint load_checkpoint(const std::string& name) {
  const std::string path = std::string(SWITCHYARD_SOURCE_DIR) + "/tests/data/recipes/" + name + ".json";
  const Value value = parse_json(read_file(path), path);
  Checkpoint checkpoint;
  checkpoint.config = *value.find("config");
  for (const auto& [tensor, shape] : value.find("tensors")->as_map()) {
    auto& dims = checkpoint.tensors[tensor];  // a scalar has none
    for (const Value& dim : shape.as_list()) dims.push_back(dim.as_int());
  }
  return checkpoint;
}

WeightsFile::WeightsFile(const Checkpoint& checkpoint) {
  std::uint64_t offset = 0;
  Map header;
  for (const auto& [name, dims] : checkpoint.tensors) {
    std::uint64_t bytes = byte_size(*parse_dtype(checkpoint.dtype));
    List shape;
    for (std::int64_t dim : dims) {
      bytes *= static_cast<std::uint64_t>(dim);
      shape.emplace_back(dim);
    }
    header.set(name, Map{{"dtype", checkpoint.dtype}, {"shape", shape}, {"data_offsets", List{offset, offset + bytes}}});
    offset += bytes;
  }
  std::string text = Value(header).to_json();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  path_ = (std::filesystem::temp_directory_path() / "switchyard-recipe-XXXXXX").string();
  const int descriptor = mkstemp(path_.data());
  if (descriptor >= 0) close(descriptor);
  {
    std::ofstream out(path_, std::ios::binary);
    const std::uint64_t length = text.size();
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out << text;
  }
  std::filesystem::resize_file(path_, 8 + text.size() + offset);
  weights_ = std::make_unique<Weights>(Weights::open(path_));
}

WeightsFile::~WeightsFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

const RuleBook& shipped_rules() {
  static const auto rules = RuleBook::load({.base = std::string(SWITCHYARD_SOURCE_DIR) + "/rules"});
  return *rules;
}

BuiltGraph build(const std::string& recipe, const Checkpoint& checkpoint, const std::string& task,
                 const WeightsFile& file, const Value& options) {
  GraphRequest request;
  request.recipe = recipe;
  request.task = task;
  request.config = checkpoint.config;
  request.options = options;
  return build_graph(shipped_rules(), request, file.weights());
}

std::string node_list(const BuiltGraph& built) {
  const graph::Graph& graph = built.graph;
  std::string text;
  for (graph::TensorId id : graph.inputs) {
    text += "input " + graph.tensors[id].name + ": " + graph.tensors[id].type.text() + "\n";
  }
  for (const graph::Node& node : graph.nodes) {
    text += node.name + ": " + node.op + "(";
    bool first = true;
    for (graph::TensorId id : node.inputs) {
      if (id == graph::kNoTensor || graph.tensors[id].source != graph::Tensor::Source::kWeight) continue;
      text += (first ? "" : ", ") + within(graph.tensors[id].name, node.name);
      first = false;
    }
    text += ")";
    for (const graph::Attribute& attribute : node.attributes) {
      text += " " + attribute.name + "=" + text_of(attribute.value);
    }
    text += " ->";
    for (graph::TensorId id : node.outputs) {
      if (id != graph::kNoTensor) text += " " + graph.tensors[id].type.text();
    }
    text += "\n";
  }
  for (const graph::Output& output : graph.outputs) {
    text += "output " + output.name + ": " + graph.tensors[output.tensor].type.text() + "\n";
  }
  return text;
}

}  // namespace switchyard::recipes_test
