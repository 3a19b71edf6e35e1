// Which line made which node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "stages/export/node_trace.h"
#include "tests/recipes/support.h"

namespace switchyard {
namespace {

using recipes_test::Checkpoint;
using recipes_test::WeightsFile;
using testing::HasSubstr;

constexpr const char* kRecipe = R"(recipe: tiny
use: [lib]
inputs:
  x: {dtype: float32, dims: [batch_size, 4]}
graph:
  - x = Relu(x)
  - x = dense(x) @ fc
  - x = x * 2.0
heads:
  feature-extraction:
    outputs: {y: x}
)";
constexpr const char* kLibrary = R"(blocks_library: lib
blocks:
  dense(x):
    - return Gemm(x, $weight, transB=1)
)";

NodeTrace trace(const std::string& recipe, const Checkpoint& checkpoint) {
  const auto rules = RuleBook::from_texts(
      {{"tiny.yaml", recipe},
       {"lib.yaml", kLibrary},
       {"weights.yaml", recipes_test::read_file(SWITCHYARD_SOURCE_DIR "/rules/weights.yaml")}});
  const WeightsFile file(checkpoint);
  GraphRequest request;
  request.recipe = "tiny";
  request.task = "feature-extraction";
  request.config = Map();
  return trace_nodes(*rules, request, file.weights());
}

// One line a node, as `recipe trace` has it but for the layout.
std::string lines(const NodeTrace& trace) {
  std::string text;
  for (const TracedNode& node : trace.nodes) {
    text += node.place.str() + " " + node.library_place.str() + " " + node.name + " " + node.op;
    for (const TracedTensor& input : node.inputs) text += " " + input.name + ":" + input.type;
    text += " -> " + node.outputs.at(0).type + "\n";
  }
  return text;
}

TEST(NodeTrace, NamesTheLineOfEachNode) {
  const NodeTrace result = trace(kRecipe, {Map(), {{"fc.weight", {3, 4}}}});
  EXPECT_FALSE(result.stopped);
  ASSERT_EQ(result.nodes.size(), 3u) << lines(result);
  EXPECT_THAT(
      lines(result),
      HasSubstr("tiny.yaml:6:9  /Relu Relu x:float32[batch_size, 4] -> float32[batch_size, 4]\n"));
  EXPECT_THAT(lines(result), HasSubstr("tiny.yaml:7:9 lib.yaml:4:14 /fc/Gemm Gemm "));
  EXPECT_THAT(lines(result), HasSubstr("fc.weight:float32[3, 4] -> float32[batch_size, 3]\n"));
  EXPECT_EQ(result.nodes[1].inputs[1].source, graph::Tensor::Source::kWeight);
  // After the library's block, the recipe itself again.
  EXPECT_EQ(result.nodes[2].place.str(), "tiny.yaml:8:11");
  EXPECT_FALSE(result.nodes[2].library_place.known());
}

TEST(NodeTrace, ShowsWhatWasMadeBeforeAFault) {
  const NodeTrace result = trace(kRecipe, {Map(), {{"fc.weight", {3, 5}}}});
  ASSERT_TRUE(result.stopped);
  EXPECT_THAT(result.stopped->what(), HasSubstr("tiny.yaml:7:9: Gemm does not fit its operands"));
  ASSERT_EQ(result.nodes.size(), 1u) << lines(result);
  EXPECT_EQ(result.nodes[0].op, "Relu");
}

TEST(NodeTrace, SaysWhatIsUnused) {
  const NodeTrace result =
      trace(kRecipe, {Map(), {{"fc.weight", {3, 4}}, {"extra.dense.weight", {2}}}});
  EXPECT_EQ(result.nodes.size(), 3u);
  ASSERT_TRUE(result.stopped);
  EXPECT_THAT(result.stopped->what(),
              HasSubstr("leaves extra.dense.weight of the checkpoint unused"));
  EXPECT_THAT(result.stopped->what(), HasSubstr("let the recipe use the scope extra.dense"));
}

}  // namespace
}  // namespace switchyard
