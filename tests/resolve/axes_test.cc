// --shape and --dynamic-axes against a model's inputs and outputs.
#include "stages/resolve/axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace switchyard {
namespace {

using testing::HasSubstr;
using Sizes = std::vector<std::pair<std::string, std::int64_t>>;

Resolution text_model() {
  Resolution resolution;
  const List dims = {"batch_size", "sequence_length"};
  resolution.inputs = {{"input_ids", "int64", dims, true}, {"attention_mask", "int64", dims, true}};
  resolution.outputs = {
      {"last_hidden_state", "float32", {"batch_size", "sequence_length", 64}, true},
      {"cache",
       "float32",
       {"batch_size", "past_length + sequence_length", "2 * past_length"},
       true}};
  return resolution;
}

std::string shown(const std::vector<TensorSpec>& specs, const Map& axes) {
  std::string text;
  for (const TensorSpec& spec : with_axes(specs, axes)) text += Value(spec.dims).to_json();
  return text;
}

TEST(Axes, AreFixedAndNamed) {
  struct Case {
    const char* what;
    Sizes sizes;
    const char* dynamic_axes;
    const char* axes;
    const char* inputs;
    const char* outputs;
  };
  const Case kCases[] = {
      {"nothing",
       {},
       "",
       "{}",
       R"(["batch_size","sequence_length"]["batch_size","sequence_length"])",
       R"(["batch_size","sequence_length",64]["batch_size","past_length + sequence_length","2 * past_length"])"},
      {"one size",
       {{"sequence_length", 8}},
       "",
       R"({"sequence_length":8})",
       R"(["batch_size",8]["batch_size",8])",
       R"(["batch_size",8,64]["batch_size","past_length + 8","2 * past_length"])"},
      {"sums and products of sizes are numbers",
       {{"sequence_length", 8}, {"past_length", 4}},
       "",
       R"({"sequence_length":8,"past_length":4})",
       R"(["batch_size",8]["batch_size",8])",
       R"(["batch_size",8,64]["batch_size",12,8])"},
      {"names",
       {},
       R"({"input_ids": {"0": "n", "1": "seq"}})",
       R"({"batch_size":"n","sequence_length":"seq"})",
       R"(["n","seq"]["n","seq"])",
       R"(["n","seq",64]["n","past_length + seq","2 * past_length"])"},
      {"an output's name",
       {},
       R"({"last_hidden_state": {"0": "n"}})",
       R"({"batch_size":"n"})",
       R"(["n","sequence_length"]["n","sequence_length"])",
       R"(["n","sequence_length",64]["n","past_length + sequence_length","2 * past_length"])"},
      {"what is not named needs a size",
       {},
       "input_ids: {0: n}",
       R"({"batch_size":"n","sequence_length":null})",
       R"(["n","sequence_length"]["n","sequence_length"])",
       R"(["n","sequence_length",64]["n","past_length + sequence_length","2 * past_length"])"},
      {"and takes it from --shape",
       {{"sequence_length", 8}},
       "input_ids: {0: n}",
       R"({"sequence_length":8,"batch_size":"n"})",
       R"(["n",8]["n",8])",
       R"(["n",8,64]["n","past_length + 8","2 * past_length"])"},
      {"a list keeps the names; dimensions count from the end too",
       {},
       "input_ids: [0, -1]",
       "{}",
       R"(["batch_size","sequence_length"]["batch_size","sequence_length"])",
       R"(["batch_size","sequence_length",64]["batch_size","past_length + sequence_length","2 * past_length"])"},
  };
  for (const Case& c : kCases) {
    Resolution resolution = text_model();
    Faults faults;
    lay_axes({c.sizes, parse_yaml(c.dynamic_axes, "axes.json")}, resolution, faults);
    EXPECT_EQ(faults.size(), 0u) << c.what;
    EXPECT_EQ(Value(resolution.axes), parse_yaml(c.axes, "wanted").value())
        << c.what << ": " << Value(resolution.axes).to_json();
    EXPECT_EQ(shown(resolution.inputs, resolution.axes), c.inputs) << c.what;
    EXPECT_EQ(shown(resolution.outputs, resolution.axes), c.outputs) << c.what;
  }
}

TEST(Axes, WhatIsWrongIsSaidAllAtOnce) {
  struct Case {
    Sizes sizes;
    const char* dynamic_axes;
    std::vector<std::string> faults;
  };
  const Case kCases[] = {
      {{{"sequence_lenght", 8}, {"depth", 3}},
       "",
       {"no axis 'sequence_lenght' to fix to 8. Did you mean sequence_length? It has batch_size, "
        "sequence_length and past_length",
        "no axis 'depth'"}},
      {{}, "[input_ids]", {"axes.json:1:1: dynamic axes are a map of tensors, not a list"}},
      {{},
       "{inputs_ids: {0: n}, input_ids: {2: a, x: b, 0: 5, 1: 'a b'}}",
       {"axes.json:1:34: 'input_ids' has no dimension '2'",
        "'input_ids' has no dimension 'x'. Its dimensions are 0 to 1",
        "letters, digits and _, not the integer 5", "letters, digits and _, not the string",
        "axes.json:1:2: the model has no input or output 'inputs_ids'. Did you mean input_ids"}},
      {{},
       "{input_ids: n}",
       {"the dynamic axes of 'input_ids' are {DIMENSION: NAME}, not the string"}},
      {{},
       "{input_ids: {0: n, 1: s}, attention_mask: {0: m, 1: s}}",
       {"the axis 'batch_size' is called 'n' at axes.json:1:17 and 'm' here"}},
      {{}, "{input_ids: {0: n, 1: n}}", {"would both be called 'n'"}},
      {{},
       "{input_ids: {0: sequence_length, 1: batch_size}, last_hidden_state: {2: width}}",
       {"the model fixes dimension 2 of 'last_hidden_state' to 64"}},
      {{}, "{input_ids: {0: past_length, 1: s}}", {"would both be called 'past_length'"}},
      {{{"batch_size", 2}},
       "{input_ids: {0: n, 1: s}}",
       {"axes.json:1:17: the axis 'batch_size' is dynamic here, and --shape fixes it"}},
      {{},
       "{input_ids: {0: n, 1: s}, attention_mask: {0: n}}",
       {"the axis 'sequence_length' is dynamic here, and not among the dynamic axes of "
        "'attention_mask'"}},
      {{}, "{input_ids: {0: n, 00: n}}", {"dimension 0 of 'input_ids' is here twice"}},
  };
  for (const Case& c : kCases) {
    Resolution resolution = text_model();
    Faults faults;
    lay_axes({c.sizes, parse_yaml(c.dynamic_axes, "axes.json")}, resolution, faults);
    ASSERT_EQ(faults.size(), c.faults.size()) << c.dynamic_axes;
    for (std::size_t i = 0; i < c.faults.size(); ++i) {
      const Error& error = faults.list()[i].error;
      EXPECT_THAT(error.what(), HasSubstr(c.faults[i])) << c.dynamic_axes;
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    }
    EXPECT_TRUE(resolution.axes.empty());
  }
}

TEST(Axes, WhatIsSaidLaterWins) {
  Resolution resolution = text_model();
  resolution.axes = {{"batch_size", 2}, {"sequence_length", 8}};
  Faults faults;
  lay_axes({{{"sequence_length", 16}}, {}}, resolution, faults);
  EXPECT_EQ(Value(resolution.axes).to_json(), R"({"batch_size":2,"sequence_length":16})");
  lay_axes({{}, parse_yaml("input_ids: {0: n}", "axes.json")}, resolution, faults);
  EXPECT_EQ(Value(resolution.axes).to_json(), R"({"batch_size":"n","sequence_length":16})");
  EXPECT_EQ(faults.size(), 0u);
}

TEST(Axes, OfAModelWhoseInputsAreNotKnownAreTheExportsMatter) {
  Resolution resolution;
  Faults faults;
  lay_axes({{{"height", 16}}, {}}, resolution, faults);
  EXPECT_EQ(faults.size(), 0u);
  EXPECT_EQ(Value(resolution.axes).to_json(), R"({"height":16})");
  lay_axes({{}, parse_yaml("pixel_values: {0: n}", "axes.json")}, resolution, faults);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults.list()[0].error.what(), HasSubstr("Nothing is known of its inputs"));
}

}  // namespace
}  // namespace switchyard
