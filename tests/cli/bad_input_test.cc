// Bad input: what is wrong with the checkpoint -> what the program says. Each is one paragraph that
// names the file, and leaves nothing half-made behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <ostream>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";
constexpr const char* kLfsPointer =
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    "size 12345\n";

struct BadInput {
  std::string name;
  std::function<void(const fs::path& model)> spoil;  // a copy of the example checkpoint
  Words arguments;                                   // MODEL and OUT stand for the paths
  int status;
  Words says;
};

void PrintTo(const BadInput& bad, std::ostream* out) { *out << bad.name; }

std::string replace(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

void copy_example(const fs::path& to) {
  fs::create_directories(to);
  for (const char* name : {"config.json", "model.safetensors"}) {
    fs::copy_file(kExample / name, to / name);
    fs::permissions(to / name, fs::perms::owner_write, fs::perm_options::add);
  }
}

void edit(const fs::path& file, const std::string& from, const std::string& to) {
  const std::string text = read_text(file);
  ASSERT_NE(text.find(from), std::string::npos) << from;
  write_text(file, replace(text, from, to));
}

class BadInputTest : public testing::TestWithParam<BadInput> {};

TEST_P(BadInputTest, IsOneParagraphAndLeavesNothing) {
  const BadInput& bad = GetParam();
  TemporaryDirectory directory;
  const fs::path model = directory / "model";
  copy_example(model);
  bad.spoil(model);
  Words arguments;
  for (const std::string& word : bad.arguments) {
    arguments.push_back(
        replace(replace(word, "MODEL", model.string()), "OUT", (directory / "out").string()));
  }
  const ProgramResult result = run_program(arguments);
  EXPECT_EQ(result.status, bad.status) << command_text(arguments) << "\n" << result.err;
  EXPECT_EQ(result.out, "");
  const auto at = result.err.find("switchyard: error: ");
  ASSERT_NE(at, std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin() + static_cast<long>(at), result.err.end(), '\n'), 1)
      << result.err;
  for (const std::string& word : bad.says) {
    EXPECT_NE(result.err.find(word), std::string::npos) << word << " not in: " << result.err;
  }
  for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
    EXPECT_NE(entry.path().extension(), ".onnx") << entry.path();
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

const Words kExport = {"export", "-m", "MODEL", "-o", "OUT"};
const Words kBuild = {"build", "-m", "MODEL", "-o", "OUT"};
const Words kInspect = {"inspect", "-m", "MODEL"};

const BadInput kCases[] = {
    {"truncated_weights",
     [](const fs::path& m) { fs::resize_file(m / "model.safetensors", 1000); },
     kExport,
     1,
     {"model.safetensors"}},
    {"empty_weights",
     [](const fs::path& m) { write_text(m / "model.safetensors", ""); },
     kExport,
     1,
     {"model.safetensors"}},
    {"lying_header_length",
     [](const fs::path& m) {
       std::string text = read_text(m / "model.safetensors");
       text[6] = '\x7f';
       write_text(m / "model.safetensors", text);
     },
     kExport,
     1,
     {"model.safetensors", "header"}},
    {"lying_header_build",
     [](const fs::path& m) {
       std::string text = read_text(m / "model.safetensors");
       text[6] = '\x7f';
       write_text(m / "model.safetensors", text);
     },
     kBuild,
     1,
     {"model.safetensors", "'export'", "header"}},
    {"weights_are_a_pointer",
     [](const fs::path& m) { write_text(m / "model.safetensors", kLfsPointer); },
     kExport,
     1,
     {"model.safetensors", "git-lfs", "git lfs pull"}},
    {"config_is_a_pointer",
     [](const fs::path& m) { write_text(m / "config.json", kLfsPointer); },
     kInspect,
     1,
     {"config.json", "git-lfs", "git lfs pull"}},
    {"config_is_not_json",
     [](const fs::path& m) { write_text(m / "config.json", "{'a': 1}"); },
     kInspect,
     1,
     {"config.json:1:"}},
    {"config_is_a_list",
     [](const fs::path& m) { write_text(m / "config.json", "[1]"); },
     kInspect,
     1,
     {"config.json", "list"}},
    {"config_is_empty",
     [](const fs::path& m) { write_text(m / "config.json", ""); },
     kInspect,
     1,
     {"config.json"}},
    {"config_lacks_everything",
     [](const fs::path& m) { write_text(m / "config.json", "{}"); },
     kExport,
     1,
     {"config.json", "model_type"}},
    {"config_nests_without_end",
     [](const fs::path& m) {
       write_text(m / "config.json", std::string(100000, '[') + std::string(100000, ']'));
     },
     kInspect,
     1,
     {"config.json", "deep"}},
    {"no_config_gguf",
     [](const fs::path& m) {
       fs::remove(m / "config.json");
       fs::rename(m / "model.safetensors", m / "model.Q4_K_M.gguf");
     },
     kInspect,
     1,
     {"GGUF", "config.json"}},
    {"no_config_pickle",
     [](const fs::path& m) {
       fs::remove(m / "config.json");
       fs::rename(m / "model.safetensors", m / "model.pkl");
     },
     kInspect,
     1,
     {"model.pkl", "config.json"}},
    {"no_config_empty_directory",
     [](const fs::path& m) {
       fs::remove(m / "config.json");
       fs::remove(m / "model.safetensors");
     },
     kInspect,
     1,
     {"config.json", "empty"}},
    {"no_such_directory", [](const fs::path& m) { fs::remove_all(m); }, kInspect, 1, {"no such"}},
    {"safetensors_by_another_name",
     [](const fs::path& m) { fs::rename(m / "model.safetensors", m / "pytorch_model.bin"); },
     kExport,
     1,
     {"pytorch_model.bin", "safetensors", "Rename"}},
    {"no_weights",
     [](const fs::path& m) { fs::remove(m / "model.safetensors"); },
     kExport,
     1,
     {"model.safetensors"}},
    {"remote_code",
     [](const fs::path& m) {
       write_text(m / "config.json",
                  R"({"model_type": "homemade", "architectures": ["HomemadeModel"],
                      "auto_map": {"AutoModel": "modeling_homemade.HomemadeModel"}})");
     },
     kExport,
     1,
     {"auto_map", "never run"}},
    {"unknown_model_type",
     [](const fs::path& m) {
       write_text(m / "config.json",
                  R"({"model_type": "homemade", "architectures": ["HomemadeModel"]})");
     },
     kExport,
     1,
     {"homemade"}},
    {"no_recipe",
     [](const fs::path& m) {
       write_text(m / "config.json",
                  R"({"model_type": "clap", "architectures": ["ClapModel"]})");
     },
     kExport,
     1,
     {"recipe"}},
    {"unknown_architecture",
     [](const fs::path& m) { edit(m / "config.json", "test_resnet", "resnet99_nowhere"); },
     kExport,
     1,
     {"resnet99_nowhere"}},
    {"weight_of_the_wrong_shape",
     [](const fs::path& m) {
       // As many numbers, in another shape: the header stays consistent, the model does not.
       edit(m / "model.safetensors", "\"shape\":[10,96]", "\"shape\":[96,10]");
     },
     kExport,
     1,
     {"fc.weight"}},
    {"unknown_task",
     [](const fs::path&) {},
     {"export", "-m", "MODEL", "-o", "OUT", "--task", "image-clasification"},
     1,
     {"image-clasification"}},
    {"no_such_submodel",
     [](const fs::path&) {},
     {"export", "-m", "MODEL", "-o", "OUT", "--submodel", "decoder"},
     2,
     {"decoder", "--submodel"}},
    {"output_below_a_file",
     [](const fs::path& m) { write_text(m.parent_path() / "out", "x"); },
     {"export", "-m", "MODEL", "-o", "OUT/below"},
     1,
     {"out/below"}},
    {"output_file_below_a_file",
     [](const fs::path& m) { write_text(m.parent_path() / "out", "x"); },
     {"export", "-m", "MODEL", "-o", "OUT/below.onnx"},
     1,
     {"/out"}},
    {"build_below_a_file",
     [](const fs::path& m) { write_text(m.parent_path() / "out", "x"); },
     {"build", "-m", "MODEL", "-o", "OUT/below"},
     1,
     {"out/below"}},
    {"unwritable_output",
     [](const fs::path&) {},
     {"export", "-m", "MODEL", "-o", "/proc/switchyard"},
     1,
     {"/proc/switchyard"}},
    {"unwritable_build",
     [](const fs::path&) {},
     {"build", "-m", "MODEL", "-o", "/proc/switchyard"},
     1,
     {"/proc/switchyard"}},
    {"output_is_taken",
     [](const fs::path& m) { write_text(m.parent_path() / "out/a.txt", "x"); },
     kExport,
     2,
     {"--overwrite"}},
    {"build_output_is_taken",
     [](const fs::path& m) { write_text(m.parent_path() / "out/a.txt", "x"); },
     kBuild,
     2,
     {"--overwrite"}},
    {"no_calibration_data",
     [](const fs::path&) {},
     {"build", "-m", "MODEL", "-o", "OUT", "--calibration", "/no/such/data"},
     1,
     {"/no/such/data", "--calibration"}},
    {"not_an_onnx_model",
     [](const fs::path& m) { write_text(m / "graph.bin", "x"); },
     {"optimize", "-m", "MODEL", "-o", "OUT"},
     1,
     {"ONNX"}},
    {"overlay_with_a_wrong_rule",
     [](const fs::path& m) {
       write_text(m.parent_path() / "rules/tasks.yaml",
                  "decision: task\nrules:\n  - id: mine\n    priority: high\n"
                  "    then: {task: fill-mask}\n");
     },
     {"inspect", "-m", "MODEL", "--rules", "MODEL/../rules"},
     2,
     {"tasks.yaml:4:", "priority"}},
    {"overlay_that_is_not_yaml",
     [](const fs::path& m) {
       write_text(m.parent_path() / "rules/tasks.yaml", "decision: task\nrules: [\n");
     },
     {"export", "-m", "MODEL", "-o", "OUT", "--rules", "MODEL/../rules"},
     2,
     {"tasks.yaml:"}},
};

INSTANTIATE_TEST_SUITE_P(Cases, BadInputTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(OddConfig, ByteOrderMarkCrLfInfinityAndSurrogatesAreRead) {
  TemporaryDirectory directory;
  copy_example(directory / "model");
  std::string text = read_text(directory / "model/config.json");
  text = replace(text, "{", "{\r\n\"a\": Infinity, \"b\": NaN, \"c\": \"\\ud83d\\ude00\", ");
  write_text(directory / "model/config.json", "\xEF\xBB\xBF" + text);
  const ProgramResult result =
      run_program({"inspect", "-m", (directory / "model").string(), "-f", "json"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(*parse_json(result.out, "out").find("task"), Value("image-classification"));
}

TEST(BadImage, IsNamed) {
  TemporaryDirectory directory;
  const ProgramResult exported =
      run_program({"export", "-m", kExample.string(), "-o", (directory / "out").string(), "-q"});
  ASSERT_EQ(exported.status, 0) << exported.err;
  write_text(directory / "picture.png", "no picture");
  for (const std::string file : {directory / "picture.png", directory / "missing.png"}) {
    const ProgramResult result = run_program({"run", "-m", (directory / "out").string(), file});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find(file), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace switchyard
