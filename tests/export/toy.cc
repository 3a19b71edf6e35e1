#include "tests/export/toy.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "stages/export/graph/half.h"

namespace switchyard::toy {

Directory::Directory() {
  std::string name = (std::filesystem::temp_directory_path() / "switchyard-toy-XXXXXX").string();
  if (!mkdtemp(name.data())) std::abort();
  path_ = name;
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

float value_of(const std::string& name, std::size_t index) {
  std::size_t hash = 7;
  for (char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
  return static_cast<float>(static_cast<int>((hash + index * 37) % 33) - 16) / 16.0f;
}

std::filesystem::path write_checkpoint(const std::filesystem::path& directory,
                                       const std::vector<TensorSpec>& tensors,
                                       const std::string& file) {
  std::string data;
  std::string header = "{";
  for (const TensorSpec& tensor : tensors) {
    const std::size_t begin = data.size();
    std::size_t count = 1;
    for (std::int64_t dim : tensor.shape) count *= static_cast<std::size_t>(dim);
    for (std::size_t i = 0; i < count; ++i) {
      const float value = value_of(tensor.name, i);
      const auto append = [&](const auto& v) {
        data.append(reinterpret_cast<const char*>(&v), sizeof v);
      };
      if (tensor.dtype == "F32") append(value);
      if (tensor.dtype == "F64") append(static_cast<double>(value));
      if (tensor.dtype == "F16") append(graph::float_to_half(value));
      if (tensor.dtype == "BF16") append(graph::float_to_bfloat16(value));
      if (tensor.dtype == "I64") append(static_cast<std::int64_t>(i));
    }
    if (header.size() > 1) header += ",";
    List shape;
    for (std::int64_t dim : tensor.shape) shape.emplace_back(dim);
    header += "\"" + tensor.name + "\":{\"dtype\":\"" + tensor.dtype +
              "\",\"shape\":" + Value(shape).to_json() + ",\"data_offsets\":[" +
              std::to_string(begin) + "," + std::to_string(data.size()) + "]}";
  }
  header += "}";
  while (header.size() % 8) header += ' ';
  const std::uint64_t length = header.size();
  const auto path = directory / file;
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), 8);
  out << header << data;
  return path;
}

std::shared_ptr<const RuleBook> book(const std::string& recipe,
                                     const std::vector<std::string>& more) {
  std::vector<std::pair<std::string, std::string>> files = {{"toy.yaml", recipe}};
  for (const std::string& text : more)
    files.emplace_back("lib" + std::to_string(files.size()) + ".yaml", text);
  std::ifstream in(SWITCHYARD_SOURCE_DIR "/rules/weights.yaml", std::ios::binary);
  files.emplace_back("weights.yaml", std::string(std::istreambuf_iterator<char>(in), {}));
  return RuleBook::from_texts(files);
}

std::string dump(const graph::Graph& graph) {
  std::string text;
  for (const graph::Node& node : graph.nodes) {
    text += node.name + "(";
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (i) text += ", ";
      const graph::TensorId id = node.inputs[i];
      if (id == graph::kNoTensor) continue;
      const graph::Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
      text += tensor.constant && tensor.as_dims ? "[" : tensor.name;
      if (tensor.constant && tensor.as_dims) {
        for (std::size_t k = 0; k < tensor.as_dims->size(); ++k)
          text += (k ? " " : "") + (*tensor.as_dims)[k].text();
        text += "]";
      }
    }
    text += ") ->";
    for (graph::TensorId id : node.outputs)
      text += " " + graph.tensors[static_cast<std::size_t>(id)].type.text();
    text += "\n";
  }
  return text;
}

Built build(const std::string& recipe, const std::vector<TensorSpec>& tensors,
            const std::string& task, const Value& config,
            const std::vector<std::string>& libraries) {
  Built result;
  result.directory = std::make_shared<Directory>();
  result.weights =
      std::make_shared<Weights>(Weights::open(write_checkpoint(result.directory->path(), tensors)));
  const std::size_t name_at = recipe.find("recipe: ") + 8;
  GraphRequest request;
  request.recipe = recipe.substr(name_at, recipe.find('\n') - name_at);
  request.task = task;
  request.config = config;
  result.built = build_graph(*book(recipe, libraries), request, *result.weights);
  return result;
}

}  // namespace switchyard::toy
