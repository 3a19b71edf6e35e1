#include "tests/predict/colour_model.h"

#include <onnx/defs/parser.h>

#include <stdexcept>
#include <vector>

#include "tests/calibrate/png_writer.h"

namespace switchyard::testing {

std::string onnx_model(const char* text) {
  onnx::ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, text);
  if (!status.IsOK()) throw std::runtime_error(status.ErrorMessage());
  return model.SerializeAsString();
}

void write_model(const TemporaryFolder& folder, const char* graph, const char* config) {
  folder.write("model.onnx", onnx_model(graph));
  folder.write("config.json", config);
}

std::filesystem::path write_colour(const TemporaryFolder& folder, const std::string& name,
                                   std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  std::vector<std::uint8_t> rows;
  for (int i = 0; i < 8 * 6; ++i) rows.insert(rows.end(), {red, green, blue});
  return folder.write(name, write_png({8, 6, 2, 8}, rows));
}

}  // namespace switchyard::testing
