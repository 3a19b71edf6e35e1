// Weights in a file beside the graph: ONNX external data, (file, offset, length) an initializer.
// https://onnx.ai/onnx/repo-docs/ExternalData.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace onnx {
class ModelProto;
class TensorProto;
}  // namespace onnx

namespace switchyard {

// What one ONNX file may hold inside, in bytes. Protobuf messages end at 2 GiB; the rest is room
// for the graph and for what later stages add.
constexpr std::uint64_t kMostInside = 1'800'000'000;

// Where a tensor of `bytes` bytes begins, at or behind `offset`. The format asks for multiples of
// 4096, the page that is mapped; from 1 MiB on it is 64 KiB, as ONNX Runtime's own writer does:
// Windows and systems with large pages map from such places only.
std::uint64_t aligned_offset(std::uint64_t offset, std::uint64_t bytes);

// The name of the data file of a graph, without directory: "model.onnx.data".
std::string data_file_name(const std::filesystem::path& graph);

// The tensor's bytes lie in `location`, a name relative to the graph's directory.
void set_external(onnx::TensorProto& tensor, const std::string& location, std::uint64_t offset,
                  std::uint64_t bytes);

// Names of the files that the initializers lie in, each once, sorted.
std::vector<std::string> data_files(const onnx::ModelProto& model);

// Throws Error(kModel) when weights lie outside and `output` is in another directory than `input`,
// where they would not be found.
void require_same_directory(const onnx::ModelProto& model, const std::filesystem::path& input,
                            const std::filesystem::path& output);

// Throws Error(kModel) when a data file of `output` would replace one that `model` reads.
void refuse_own_data(const onnx::ModelProto& model, const std::filesystem::path& output);

using WriteDraft = std::function<void(const std::filesystem::path& draft)>;

// Replaces a graph and its own data file. The data file comes first, under its final name, then the
// graph. The graph that stands there is pointed at its data under another name before, so whenever
// the program is killed, a whole graph with the right data stands there: the earlier one or the
// new. Throws what the two callbacks throw; Error(kModel) on input/output.
void write_with_data(const std::filesystem::path& graph, const WriteDraft& write_data,
                     const WriteDraft& write_graph);

// Replaces a graph by one that has no data file of its own but may read others, `data`. The earlier
// one's own data file goes, unless it is one of those.
void write_without_data(const std::filesystem::path& graph, const std::vector<std::string>& data,
                        const WriteDraft& write_graph);

}  // namespace switchyard
