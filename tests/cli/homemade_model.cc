#include "tests/cli/homemade_model.h"

#include <cstdint>

namespace switchyard {

namespace {

// safetensors: the header's length, the header, the bytes.
std::string zeros(const std::vector<std::pair<std::string, std::vector<int>>>& tensors) {
  std::string header = "{";
  std::uint64_t offset = 0;
  for (const auto& [name, shape] : tensors) {
    std::uint64_t bytes = 4;
    std::string dims;
    for (const int dim : shape) {
      bytes *= static_cast<std::uint64_t>(dim);
      dims += (dims.empty() ? "" : ",") + std::to_string(dim);
    }
    header += (offset == 0 ? "\"" : ",\"") + name + R"(":{"dtype":"F32","shape":[)" + dims +
              R"(],"data_offsets":[)" + std::to_string(offset) + "," +
              std::to_string(offset + bytes) + "]}";
    offset += bytes;
  }
  header += "}";
  std::string length;
  for (int i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return length + header + std::string(offset, '\0');
}

}  // namespace

HomemadeModel::HomemadeModel(
    const std::string& main_input,
    const std::vector<std::pair<std::string, std::vector<int>>>& tensors,
    const std::string& recipe) {
  write_text(directory / "rules/model_types.yaml", R"(
knowledge: model_types
rows:
  homemade: {standalone: true, base_class: HomemadeModel}
)");
  write_text(directory / "rules/classes.yaml",
             "knowledge: architectures\nrows:\n  HomemadeModel: {model_type: homemade, task: "
             "feature-extraction, main_input_name: " +
                 main_input + "}\n");
  write_text(directory / "rules/graph.yaml", "recipe: homemade\n" + recipe);
  write_text(directory / "model/config.json",
             R"({"model_type": "homemade", "architectures": ["HomemadeModel"]})");
  write_text(directory / "model/model.safetensors", zeros(tensors));
}

}  // namespace switchyard
