// Axes of the shipped recipes, fixed and named by the user.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

using testing::HasSubstr;

const List kPixels = {"batch_size", "num_channels", "height", "width"};

struct Family {
  const char* recipe;
  const char* checkpoint;
  const char* task;
  std::vector<TensorSpec> expected_inputs;
};

const Family kResnet = {"timm/resnet",
                        "test_resnet",
                        "image-classification",
                        {{"pixel_values", "float32", kPixels, true}}};
const Family kVit = {"vit",
                     "vit__ViTForImageClassification",
                     "image-classification",
                     {{"pixel_values", "float32", kPixels, true}}};
const Family kBert = {"bert", "bert__BertForSequenceClassification", "text-classification", {}};
const Family kChoices = {"bert", "bert__BertForMultipleChoice", "multiple-choice", {}};

BuiltGraph build_with(const Family& family, const Map& axes) {
  const Checkpoint checkpoint = load_checkpoint(family.checkpoint);
  const WeightsFile file(checkpoint);
  GraphRequest request;
  request.recipe = family.recipe;
  request.task = family.task;
  request.config = checkpoint.config;
  request.expected_inputs = family.expected_inputs;
  request.axes = axes;
  return build_graph(shipped_rules(), request, file.weights());
}

std::string ends_of(const BuiltGraph& built) {
  const graph::Graph& graph = built.graph;
  std::string text;
  for (graph::TensorId id : graph.inputs) {
    text += graph.tensors[static_cast<std::size_t>(id)].type.text() + " ";
  }
  for (const graph::Output& output : graph.outputs) {
    text += "-> " + graph.tensors[static_cast<std::size_t>(output.tensor)].type.text();
  }
  return text;
}

TEST(RecipeAxes, OutputsFollowTheInputs) {
  const std::int64_t image = load_checkpoint(kVit.checkpoint).config.find("image_size")->as_int();
  const std::string side = std::to_string(image);
  struct Case {
    const Family& family;
    Map axes;
    std::string inputs;  // the first input
    std::string output;
  };
  const Case kCases[] = {
      {kResnet, {{"height", 64}, {"width", 96}}, "float32[batch_size, 3, 64, 96]", "[batch_size, "},
      {kResnet, {{"batch_size", 2}}, "float32[2, 3, height, width]", "[2, "},
      {kResnet, {{"batch_size", "n"}}, "float32[n, 3, height, width]", "[n, "},
      {kVit,
       {{"batch_size", 2}, {"height", image}},
       "float32[2, 3, " + side + ", " + side + "]",
       "[2, "},
      {kVit,
       {{"batch_size", "n"}, {"height", Value()}},
       "float32[n, 3, " + side + ", " + side + "]",
       "[n, "},
      {kBert, {{"sequence_length", 8}}, "int64[batch_size, 8]", "[batch_size, "},
      {kBert, {{"sequence_length", 8}, {"batch_size", 3}}, "int64[3, 8]", "[3, "},
      {kChoices,
       {{"num_choices", 4}, {"batch_size", "n"}},
       "int64[n, 4, sequence_length]",
       "[n, 4]"},
  };
  for (const Case& c : kCases) {
    const std::string ends = ends_of(build_with(c.family, c.axes));
    EXPECT_THAT(ends, testing::StartsWith(c.inputs)) << Value(c.axes).to_json();
    EXPECT_THAT(ends, HasSubstr("-> float32" + c.output)) << Value(c.axes).to_json();
  }
}

TEST(RecipeAxes, FixedOnesAreFolded) {
  const std::size_t free = build_with(kBert, {}).graph.nodes.size();
  const std::size_t fixed =
      build_with(kBert, {{"batch_size", 1}, {"sequence_length", 8}}).graph.nodes.size();
  EXPECT_LT(fixed, free);
  for (const graph::Node& node :
       build_with(kBert, {{"batch_size", 1}, {"sequence_length", 8}}).graph.nodes) {
    EXPECT_NE(node.op, "Shape");
  }
}

TEST(RecipeAxes, WhatTheModelFixesStays) {
  struct Case {
    const Family& family;
    Map axes;
    const char* message;
  };
  const Case kCases[] = {
      {kVit, {{"height", 480}}, "the model fixes the axis 'height' of input 'pixel_values' to "},
      {kVit, {{"width", "w"}}, "so it can't be dynamic"},
      {kResnet,
       {{"num_channels", 1}},
       "the model fixes the axis 'num_channels' of input 'pixel_values' to 3"},
      {kResnet,
       {{"hight", 480}},
       "no input of the graph has an axis 'hight' to fix. Did you mean height"},
      {kResnet, {{"height", Value()}}, "Say one with --shape height=N"},
      {kBert,
       {{"sequence_length", 100000}},
       "sequence_length is fixed to more than the position table has rows"},
  };
  for (const Case& c : kCases) {
    try {
      build_with(c.family, c.axes);
      ADD_FAILURE() << "no error for " << Value(c.axes).to_json();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(c.message));
    }
  }
}

TEST(RecipeAxes, AreNoted) {
  EXPECT_THAT(build_with(kResnet, {{"height", 64}, {"batch_size", "n"}}).notes,
              testing::IsSupersetOf({std::string("the axis height is fixed to 64"),
                                     std::string("the axis batch_size is called n")}));
}

}  // namespace
}  // namespace switchyard::recipes_test
