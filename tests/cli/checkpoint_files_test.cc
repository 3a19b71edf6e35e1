// The bundled checkpoint with its weights in other files: PyTorch's, shards, variants. Whatever
// they lie in, the same model comes out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "engine/json.h"
#include "tests/cli/run_program.h"
#include "tests/support/temporary_directory.h"
#include "tests/weights/torch_writer.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";

std::string storage_type(const std::string& dtype) {
  return dtype == "I64" ? "LongStorage" : "FloatStorage";  // all that the example has
}

// The example's tensors, as torch.save would be given them.
std::vector<torch::Plain> example_tensors() {
  const std::string file = read_text(kExample / "model.safetensors");
  std::uint64_t length = 0;
  for (int i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(file[i]);
  const Value header = parse_json(file.substr(8, length), "header");
  std::vector<torch::Plain> tensors;
  for (const auto& [name, entry] : header.as_map()) {
    if (name == "__metadata__") continue;
    const auto numbers = [&](const char* key) {
      std::vector<std::int64_t> list;
      for (const Value& number : entry.find(key)->as_list()) list.push_back(number.as_int());
      return list;
    };
    const auto ends = numbers("data_offsets");
    tensors.push_back({name, storage_type(entry.find("dtype")->as_string()), numbers("shape"),
                       file.substr(8 + length + ends[0], ends[1] - ends[0])});
  }
  return tensors;
}

void write_safetensors(const fs::path& file, const std::vector<torch::Plain>& tensors) {
  Map header;
  std::string data;
  for (const torch::Plain& tensor : tensors) {
    const std::size_t begin = data.size();
    data += tensor.bytes;
    header.set(tensor.name,
               Map{{"dtype", tensor.storage_type == "LongStorage" ? "I64" : "F32"},
                   {"shape", List(tensor.shape.begin(), tensor.shape.end())},
                   {"data_offsets", List{Value(static_cast<std::int64_t>(begin)),
                                         Value(static_cast<std::int64_t>(data.size()))}}});
  }
  const std::string text = Value(std::move(header)).to_json();
  std::string length;
  for (int i = 0; i < 8; ++i) length += static_cast<char>(text.size() >> 8 * i & 0xff);
  write_text(file, length + text + data);
}

class CheckpointFiles : public testing::Test {
 protected:
  // A copy of the example without its weights.
  fs::path checkpoint(const std::string& name) {
    fs::create_directories(directory / name);
    fs::copy_file(kExample / "config.json", directory / name / "config.json");
    return directory / name;
  }
  // The checkpoint exported; fails where its answers are not those of the example's own weights.
  void expect_same_model(const fs::path& from, const std::vector<std::string>& more = {}) {
    SCOPED_TRACE(from);
    const fs::path own = directory / "own.onnx";
    if (!fs::exists(own)) {
      ASSERT_EQ(run_program({"export", "-m", kExample.string(), "-o", own.string()}).status, 0);
    }
    for (const char* mode : {"reference", "embed"}) {
      const fs::path out = directory / ("out-" + from.filename().string() + "-" + mode);
      std::vector<std::string> arguments = {"export",     "-m",        from.string(), "-o",
                                            out.string(), "--weights", mode};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const ProgramResult exported = run_program(arguments);
      ASSERT_EQ(exported.status, 0) << exported.err;
      const ProgramResult verified = run_program(
          {"verify", own.string(), (out / "model.onnx").string(), "--max-difference", "0"});
      EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
    }
  }

  TemporaryDirectory directory;
};

TEST_F(CheckpointFiles, ExportsFromPyTorchsFile) {
  const fs::path torch = checkpoint("torch");
  torch::write_state_dict(torch / "pytorch_model.bin", example_tensors());
  expect_same_model(torch);
  // By reference the graph's weights are that file, under its own name.
  EXPECT_TRUE(fs::equivalent(torch / "pytorch_model.bin",
                             directory / "out-torch-reference" / "pytorch_model.bin"));
}

TEST_F(CheckpointFiles, ExportsFromShardsOfPyTorch) {
  const fs::path sharded = checkpoint("sharded");
  const auto tensors = example_tensors();
  const auto half = tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() / 2);
  torch::write_state_dict(sharded / "part-1.bin", {tensors.begin(), half});
  torch::write_state_dict(sharded / "part-2.bin", {half, tensors.end()});
  Map map;
  for (auto at = tensors.begin(); at != tensors.end(); ++at) {
    map.set(at->name, at < half ? "part-1.bin" : "part-2.bin");
  }
  write_text(sharded / "pytorch_model.bin.index.json", Value(Map{{"weight_map", map}}).to_json());
  expect_same_model(sharded);
}

TEST_F(CheckpointFiles, ExportsAVariant) {
  const fs::path variant = checkpoint("variant");
  write_text(variant / "model.safetensors", "not these");
  torch::write_state_dict(variant / "pytorch_model.fp16.bin", example_tensors());
  expect_same_model(variant, {"--variant", "fp16"});
  const ProgramResult config = run_program({"config", "-m", variant.string(), "--variant", "fp16"});
  EXPECT_EQ(parse_json(config.out, "config").find("variant")->as_string(), "fp16");
  const ProgramResult other = run_program(
      {"build", "-m", variant.string(), "--variant", "bf16", "-o", (directory / "b").string()});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("There are fp16"));
}

// Through every stage and command, from any layout: the same int8 model, the same labels.
TEST_F(CheckpointFiles, AreBuiltIntoTheSameModel) {
  const auto tensors = example_tensors();
  const auto half = tensors.begin() + static_cast<std::ptrdiff_t>(tensors.size() / 2);
  const auto shards = [&](const fs::path& model, const std::string& ending, const auto& write) {
    write(model / ("part-1" + ending), std::vector<torch::Plain>(tensors.begin(), half));
    write(model / ("part-2" + ending), std::vector<torch::Plain>(half, tensors.end()));
    Map map;
    for (auto at = tensors.begin(); at != tensors.end(); ++at) {
      map.set(at->name, (at < half ? "part-1" : "part-2") + ending);
    }
    const std::string index =
        ending == ".bin" ? "pytorch_model.bin.index.json" : "model.safetensors.index.json";
    write_text(model / index, Value(Map{{"weight_map", map}}).to_json());
  };
  const auto write_torch = [](const fs::path& file, const std::vector<torch::Plain>& some) {
    torch::write_state_dict(file, some);
  };
  write_torch(checkpoint("torch") / "pytorch_model.bin", tensors);
  write_torch(checkpoint("variant") / "pytorch_model.fp16.bin", tensors);
  shards(checkpoint("torch-shards"), ".bin", write_torch);
  shards(checkpoint("shards"), ".safetensors", write_safetensors);

  const auto build = [&](const std::string& from, const std::string& out) {
    std::vector<std::string> arguments = {"build",
                                          "-m",
                                          from,
                                          "-o",
                                          (directory / out).string(),
                                          "--calibration",
                                          (kExample / "data/calibration").string()};
    if (out == "built-variant") arguments.insert(arguments.end(), {"--variant", "fp16"});
    const ProgramResult built = run_program(arguments);
    EXPECT_EQ(built.status, 0) << out << built.err;
    return (directory / out / "model.onnx").string();
  };
  const std::string own = build(kExample.string(), "own");
  for (const char* name : {"torch", "variant", "torch-shards", "shards"}) {
    SCOPED_TRACE(name);
    const std::string made = build((directory / name).string(), std::string("built-") + name);
    const ProgramResult verified = run_program({"verify", own, made, "--max-difference", "0"});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
    const std::string data = (kExample / "data/test").string();
    const std::string expected = run_program({"eval", "-m", own, "--data", data}).out;
    EXPECT_EQ(run_program({"eval", "-m", made, "--data", data}).out.substr(made.size()),
              expected.substr(own.size()));
    const ProgramResult report = run_program(
        {"inspect", "--weights", "-m", (directory / name).string(), "--variant", "fp16"});
    EXPECT_EQ(report.status, name == std::string("variant") ? 0 : 1) << report.err;
  }
  // The configuration remembers which weights were meant.
  const ProgramResult again =
      run_program({"build", "-c", (directory / "built-variant/build.json").string(), "-o",
                   (directory / "again").string()});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read_text(directory / "again/model.onnx"),
            read_text(directory / "built-variant/model.onnx"));
}

TEST_F(CheckpointFiles, ConvertsToSafetensors) {
  const fs::path torch = checkpoint("torch");
  torch::write_state_dict(torch / "pytorch_model.bin", example_tensors());
  const std::vector<std::string> convert = {
      "checkpoint", "to-safetensors", "-m", torch.string(), "-f", "json"};
  const ProgramResult converted = run_program(convert);
  ASSERT_EQ(converted.status, 0) << converted.err;
  const Value report = parse_json(converted.out, "report");
  EXPECT_EQ(report.find("file")->as_string(), (torch / "model.safetensors").string());
  EXPECT_EQ(report.find("tensors")->as_int(), static_cast<std::int64_t>(example_tensors().size()));
  fs::remove(torch / "pytorch_model.bin");
  expect_same_model(torch);

  // What is there stays, unless it is said.
  const ProgramResult again = run_program(convert);
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("--overwrite"));
}

TEST_F(CheckpointFiles, ConvertsAFileIntoADirectory) {
  torch::write_state_dict(directory / "best.pth", example_tensors());
  const std::string out = (directory / "new/dir").string();
  const ProgramResult converted = run_program(
      {"checkpoint", "to-safetensors", "-m", (directory / "best.pth").string(), "-o", out});
  ASSERT_EQ(converted.status, 0) << converted.err;
  EXPECT_THAT(converted.out, HasSubstr("best.safetensors"));
  EXPECT_TRUE(fs::is_regular_file(fs::path(out) / "best.safetensors"));
  // Nothing is left where it can't be done.
  write_text(directory / "bad.bin", "PK\3\4 and no more");
  const ProgramResult failed = run_program(
      {"checkpoint", "to-safetensors", "-m", (directory / "bad.bin").string(), "-o", out});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("truncated"));
  EXPECT_FALSE(fs::exists(fs::path(out) / "bad.safetensors"));
}

TEST_F(CheckpointFiles, LeavesTheHubsCacheAlone) {
  const fs::path snapshot = directory / "models--org--name/snapshots/1";
  fs::create_directories(snapshot);
  torch::write_state_dict(snapshot / "pytorch_model.bin", example_tensors());
  const ProgramResult result =
      run_program({"checkpoint", "to-safetensors", "-m", snapshot.string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("Say with -o where to write"));
}

TEST_F(CheckpointFiles, ExplainsAdaptersAndPrograms) {
  const fs::path adapter = checkpoint("adapter");
  write_text(adapter / "adapter_config.json", R"({"peft_type": "LORA"})");
  write_text(adapter / "adapter_model.safetensors", "x");
  const fs::path program = checkpoint("program");
  torch::write_torch(program / "pytorch_model.bin",
                     torch::pickle(torch::global("os", "system") + "(" +
                                   torch::text("touch " + (directory / "hacked").string()) + "tR"),
                     {});
  const std::pair<fs::path, const char*> cases[] = {{adapter, "an adapter (LORA)"},
                                                    {program, "`os.system`"}};
  for (const auto& [path, message] : cases) {
    const ProgramResult result =
        run_program({"export", "-m", path.string(), "-o", (directory / "never").string()});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr(message));
  }
  EXPECT_FALSE(fs::exists(directory / "hacked"));
  EXPECT_FALSE(fs::exists(directory / "never"));
}

}  // namespace
}  // namespace switchyard
