#include "stages/runtime/external_data.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>

#include "engine/error.h"
#include "engine/output_file.h"
#include "stages/runtime/model_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kMappingGranularity = 64 * 1024;
constexpr std::uint64_t kLarge = 1 << 20;

fs::path data_of(const fs::path& graph) { return graph.parent_path() / data_file_name(graph); }

// Where the data of the graph that still stands goes while the new data takes its name.
fs::path old_data_of(const fs::path& graph) {
  return graph.parent_path() / (data_file_name(graph) + ".old");
}

void rename_location(onnx::ModelProto& model, const std::string& from, const std::string& to) {
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
    for (auto& entry : *tensor.mutable_external_data()) {
      if (entry.key() == "location" && entry.value() == from) entry.set_value(to);
    }
  }
}

// Whether the graph that stands there reads its weights from `data`. The graph is parsed only where
// that file exists, so never a large one with its weights inside.
bool reads(const fs::path& graph, const fs::path& data, onnx::ModelProto& model) {
  std::error_code error;
  if (!fs::is_regular_file(graph, error) || !fs::exists(data, error)) return false;
  try {
    read_model(graph, model);
  } catch (const Error&) {
    return false;  // no model: nothing to keep whole
  }
  const std::vector<std::string> files = data_files(model);
  return std::find(files.begin(), files.end(), data.filename().string()) != files.end();
}

void set_data_aside(const fs::path& graph) {
  onnx::ModelProto standing;
  const fs::path data = data_of(graph);
  if (!reads(graph, data, standing)) return;
  const fs::path old = old_data_of(graph);
  place_file_atomically(data, old);
  rename_location(standing, data.filename().string(), old.filename().string());
  write_model(standing, graph);
}

void remove_quietly(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

}  // namespace

std::uint64_t aligned_offset(std::uint64_t offset, std::uint64_t bytes) {
  const std::uint64_t step = bytes < kLarge ? kPage : kMappingGranularity;
  return (offset + step - 1) / step * step;
}

std::string data_file_name(const fs::path& graph) { return graph.filename().string() + ".data"; }

void set_external(onnx::TensorProto& tensor, const std::string& location, std::uint64_t offset,
                  std::uint64_t bytes) {
  tensor.clear_raw_data();
  tensor.clear_external_data();
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&](const char* key, const std::string& value) {
    auto* entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("location", location);
  add("offset", std::to_string(offset));
  add("length", std::to_string(bytes));
}

std::vector<std::string> data_files(const onnx::ModelProto& model) {
  std::set<std::string> files;
  for (const auto& tensor : model.graph().initializer()) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL) continue;
    for (const auto& entry : tensor.external_data()) {
      if (entry.key() == "location") files.insert(entry.value());
    }
  }
  return {files.begin(), files.end()};
}

void require_same_directory(const onnx::ModelProto& model, const fs::path& input,
                            const fs::path& output) {
  if (data_files(model).empty()) return;
  std::error_code error;
  if (fs::equivalent(fs::absolute(input).parent_path(), fs::absolute(output).parent_path(),
                     error)) {
    return;
  }
  throw Error(ErrorKind::kModel, {output.string()},
              "the model's weights lie outside the graph, beside " + input.string() +
                  ", and would not be found from here",
              "Write the result into the same directory");
}

void refuse_own_data(const onnx::ModelProto& model, const fs::path& output) {
  const std::vector<std::string> files = data_files(model);
  const std::string own = data_file_name(output);
  if (std::find(files.begin(), files.end(), own) == files.end()) return;
  throw Error(ErrorKind::kModel, {output.string()},
              "its weights need a file of their own, " + own + ", which the model itself reads",
              "Write the result under another name");
}

void write_with_data(const fs::path& graph, const WriteDraft& write_data,
                     const WriteDraft& write_graph) {
  write_beside(graph, [&](const fs::path& draft) {
    write_beside(data_of(graph), [&](const fs::path& data_draft) {
      write_data(data_draft);
      set_data_aside(graph);
    });
    write_graph(draft);
  });
  remove_quietly(old_data_of(graph));
}

void write_without_data(const fs::path& graph, const std::vector<std::string>& data,
                        const WriteDraft& write_graph) {
  std::vector<fs::path> gone;
  for (const fs::path& own : {data_of(graph), old_data_of(graph)}) {
    onnx::ModelProto standing;
    const bool kept = std::find(data.begin(), data.end(), own.filename().string()) != data.end();
    if (!kept && reads(graph, own, standing)) gone.push_back(own);
  }
  write_beside(graph, write_graph);
  for (const fs::path& file : gone) remove_quietly(file);
}

}  // namespace switchyard
