// --shape, --batch-size and --dynamic-axes, and what other commands make of such graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/json.h"
#include "tests/cli/homemade_model.h"
#include "tests/cli/run_program.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Words = std::vector<std::string>;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";

class AxisOptions : public testing::Test {
 protected:
  ProgramResult run(Words arguments, const Words& more = {}) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  // The dims of the first input, or what went wrong.
  std::string inspect(const Words& options) {
    const ProgramResult shown = run({"inspect", "-m", kExample.string(), "-f", "json"}, options);
    if (shown.status != 0) return shown.err;
    return parse_json(shown.out, "inspect").find_path("inputs.0.dims")->to_json();
  }
  std::string write_axes(const std::string& text) {
    const std::string file = (directory / "axes.json").string();
    write_text(file, text);
    return file;
  }
  fs::path exported(const std::string& name, const Words& options) {
    const ProgramResult done =
        run({"export", "-m", kExample.string(), "-o", (directory / name).string()}, options);
    EXPECT_EQ(done.status, 0) << done.err;
    return directory / name;
  }

  TemporaryDirectory directory;
  const std::string data = (kExample / "data/test").string();
};

TEST_F(AxisOptions, ShowInInspectAndConfig) {
  EXPECT_EQ(inspect({"--shape", "height=480,width=640"}),
            R"(["batch_size","num_channels",480,640])");
  EXPECT_EQ(inspect({"--shape", "height=480", "--shape", "width=640", "--batch-size", "2"}),
            R"([2,"num_channels",480,640])");
  EXPECT_EQ(inspect({"--dynamic-axes",
                     write_axes("{\n\t\"pixel_values\": {\"0\": \"n\", \"2\": \"h\"}\n}")}),
            R"(["n","num_channels","h","width"])");
  const ProgramResult config =
      run({"config", "-m", kExample.string(), "--shape", "height=480", "--batch-size", "1"});
  EXPECT_EQ(parse_json(config.out, "config").find("axes")->to_json(),
            R"({"batch_size":1,"height":480})");
}

TEST_F(AxisOptions, WhatIsWrongIsAUsageError) {
  struct Case {
    Words options;
    const char* message;
  };
  const Case kCases[] = {
      {{"--shape", "hight=480,widht=640"}, "2 things are wrong"},
      {{"--shape", "hight=480"},
       "the model has no axis 'hight' to fix to 480. Did you mean height"},
      {{"--shape", "height=0"}, "the size of 'height' is a positive integer, not '0'"},
      {{"--shape", "height=480x640"}, "not '480x640'"},
      {{"--shape", "height=99999999999999999999"}, "is a positive integer"},
      {{"--shape", "height"}, "--shape takes AXIS=SIZE"},
      {{"--shape", "height=4,"}, "--shape takes AXIS=SIZE"},
      {{"--shape", "height=4,height=5"}, "is 4 already, and can't be 5 too"},
      {{"--shape", "batch_size=4", "--batch-size", "5"},
       "--batch-size: the axis 'batch_size' is 4"},
      {{"--batch-size", "-1"}, "--batch-size: the size of 'batch_size' is a positive integer"},
      {{"--jsonl", "/dev/null", "--batch-size", "1"}, "do not go with --jsonl"},
  };
  for (const Case& c : kCases) {
    const ProgramResult refused = run({"inspect", "-m", kExample.string()}, c.options);
    EXPECT_EQ(refused.status, 2) << command_text(c.options);
    EXPECT_THAT(refused.err, HasSubstr(c.message)) << command_text(c.options);
    EXPECT_EQ(refused.out, "");
  }
}

TEST_F(AxisOptions, FilesOfDynamicAxesAreCheckedWhole) {
  const std::string file = write_axes(R"({"pixel_value": {"0": "n"},
 "pixel_values": {"9": "n", "0": 4}, "logits": {"1": "c"}})");
  const ProgramResult refused = run({"inspect", "-m", kExample.string(), "--dynamic-axes", file});
  EXPECT_EQ(refused.status, 2);
  for (const char* part : {"4 things are wrong", "axes.json:1:2:", "Did you mean pixel_values",
                           "axes.json:2:19: 'pixel_values' has no dimension '9'",
                           "not the integer 4", "the model fixes dimension 1 of 'logits' to 10"}) {
    EXPECT_THAT(refused.err, HasSubstr(part));
  }
  for (const char* text : {"", "{", "3", "[1]"}) {
    EXPECT_EQ(run({"inspect", "-m", kExample.string(), "--dynamic-axes", write_axes(text)}).status,
              2)
        << text;
  }
  EXPECT_EQ(run({"inspect", "-m", kExample.string(), "--dynamic-axes", "/no/such/file"}).status, 1);
}

TEST_F(AxisOptions, AnAxisThatIsNotDynamicNeedsASize) {
  const std::string file = write_axes(R"({"pixel_values": {"0": "n"}})");
  const Words to = {"export",
                    "-m",
                    kExample.string(),
                    "--dynamic-axes",
                    file,
                    "-o",
                    (directory / "a.onnx").string()};
  const ProgramResult refused = run(to);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("Say one with --shape height=N"));
  EXPECT_FALSE(fs::exists(directory / "a.onnx"));
  const ProgramResult done = run(to, {"--shape", "height=64,width=64", "-f", "json"});
  ASSERT_EQ(done.status, 0) << done.err;
  const Value report = parse_json(done.out, "export");
  EXPECT_EQ(report.find_path("inputs.0.dims")->to_json(), R"(["n",3,64,64])");
  EXPECT_EQ(report.find_path("outputs.0.dims")->to_json(), R"(["n",10])");
}

// The graphs compute the same; every command that takes a graph takes them.
TEST_F(AxisOptions, FixedGraphsAreAsGood) {
  const fs::path free = exported("free", {});
  const fs::path fixed = exported("fixed", {"--shape", "height=64,width=64", "--batch-size", "3"});
  for (const bool turned : {false, true}) {
    const ProgramResult same = run({"verify", (turned ? fixed : free).string(),
                                    (turned ? free : fixed).string(), "--min-sqnr", "100"});
    EXPECT_EQ(same.status, 0) << same.out << same.err;
  }
  const ProgramResult images = run({"verify", free.string(), fixed.string(), "--data", data,
                                    "--min-sqnr", "100", "--min-agreement", "1"});
  EXPECT_EQ(images.status, 0) << images.out << images.err;
  EXPECT_EQ(run({"perf", free.string(), fixed.string(), "--pairs", "2"}).status, 0);

  // Seven images do not fill batches of three.
  Words files;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  files.resize(7);
  const auto labels = [&](const fs::path& model) {
    const ProgramResult ran =
        run({"run", "-m", model.string(), "-f", "json", "--top-k", "1"}, files);
    EXPECT_EQ(ran.status, 0) << ran.err;
    std::string text;
    const Value answers = parse_json(ran.out, "run");
    for (const Value& item : answers.as_list()) {
      text += item.find_path("predictions.0.label")->as_string() + " ";
    }
    return text;
  };
  EXPECT_EQ(labels(fixed), labels(free));

  const std::string quantized = (fixed / "int8.onnx").string();
  const ProgramResult int8 =
      run({"quantize", "-m", (fixed / "model.onnx").string(), "-o", quantized, "--calibration",
           (kExample / "data/calibration").string()});
  EXPECT_EQ(int8.status, 0) << int8.err;
  EXPECT_THAT(int8.err, testing::Not(HasSubstr("random")));
  EXPECT_EQ(
      run({"verify", free.string(), quantized, "--data", data, "--min-agreement", "0.9"}).status,
      0);
}

TEST_F(AxisOptions, ABuildRecordsThem) {
  const std::string out = (directory / "out").string();
  const ProgramResult built = run({"build", "-m", kExample.string(), "-o", out, "--precision",
                                   "fp32", "--shape", "height=64,width=64"});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_EQ(parse_json(read_text(out + "/build.json"), "b").find("axes")->to_json(),
            R"({"height":64,"width":64})");
  EXPECT_THAT(read_text(out + "/manifest.json"), HasSubstr("the axis height is fixed to 64"));
  // Other axes are another graph.
  const ProgramResult other = run({"build", "-m", kExample.string(), "-o", out, "--precision",
                                   "fp32", "--shape", "height=32,width=32", "-f", "json"});
  ASSERT_EQ(other.status, 0) << other.err;
  EXPECT_EQ(*parse_json(other.out, "manifest").find_path("stages.0.reused"), Value(false));
}

// A model whose inputs no table knows: the recipe's own axes tell.
TEST_F(AxisOptions, OfAHomemadeModel) {
  const HomemadeModel model("input_ids", {{"table.weight", {4, 2}}}, R"yaml(
inputs: {input_ids: {dtype: int64, dims: [rows, 3]}}
heads: {feature-extraction: {outputs: {y: "Gather($table.weight, input_ids)"}}}
)yaml");
  const Words base = {"export", "-m", model.model(), "--rules", model.rules(), "-f", "json", "-o"};
  const ProgramResult done = run(base, {(directory / "a.onnx").string(), "--shape", "rows=5"});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(parse_json(done.out, "e").find_path("outputs.0.dims")->to_json(), "[5,3,2]");
  const ProgramResult refused = run(base, {(directory / "b.onnx").string(), "--shape", "row=5"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err,
              HasSubstr("no input of the graph has an axis 'row' to fix. Did you mean rows"));
}

}  // namespace
}  // namespace switchyard
