// Where QuantizeLinear/DequantizeLinear pairs are laid, as whole graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quantize/graph_index.h"
#include "stages/quantize/plan.h"
#include "stages/quantize/rewrite.h"
#include "tests/quantize/models.h"

namespace switchyard {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using namespace testing_models;

struct Rewritten {
  QuantizationPlan plan;
  std::string graph;
};

Rewritten rewrite(onnx::ModelProto model, const QuantizeOptions& options = {}) {
  lift_constants(*model.mutable_graph());
  Rewritten result;
  result.plan = plan_quantization(GraphIndex(model.graph()), options);
  std::map<std::string, Range> ranges;
  for (const std::string& tensor : result.plan.observed()) ranges[tensor] = {-1.0f, 1.0f};
  rewrite_to_qdq(model, result.plan, ranges, options, ".");
  result.graph = dump(model.graph());
  return result;
}

std::vector<std::pair<std::string, std::string>> kept(const QuantizationPlan& plan) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const FloatNode& node : plan.kept_float) rows.emplace_back(node.op_type, node.reason);
  return rows;
}

TEST(PlacementTest, ConvolutionIsQuantizedOnBothSidesBehindItsRelu) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 3, 8, 8] x) => (float[n, 4, 8, 8] y) {
      c = Conv<pads = [1, 1, 1, 1]>(x, w, b)
      y = Relu(c)
    })");
  add_weight(model, "w", {4, 3, 3, 3});
  add_weight(model, "b", {4});
  const Rewritten result = rewrite(model);
  EXPECT_EQ(result.graph,
            R"(x/quantized = QuantizeLinear(x, x/scale, x/zero_point)
x/dequantized = DequantizeLinear(x/quantized, x/scale, x/zero_point)
w/dequantized = DequantizeLinear<axis=0>(w/quantized, w/scale, w/zero_point)
b/dequantized = DequantizeLinear<axis=0>(b/quantized, b/scale, b/zero_point)
c = Conv(x/dequantized, w/dequantized, b/dequantized)
y/float = Relu(c)
y/quantized = QuantizeLinear(y/float, y/scale, y/zero_point)
y = DequantizeLinear(y/quantized, y/scale, y/zero_point)
)");
  EXPECT_THAT(result.plan.observed(), ElementsAre("x", "y"));
  EXPECT_THAT(result.plan.float_by_type, IsEmpty());
}

TEST(PlacementTest, ResidualBlockStaysInIntegers) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 4, 8, 8] x) => (float[n, 5] logits) {
      s = Conv(x, w0)
      p = MaxPool<kernel_shape = [2, 2]>(s)
      a = Conv(p, w1)
      ar = Relu(a)
      b = Conv(ar, w1)
      sum = Add(b, p)
      r = Relu(sum)
      g = GlobalAveragePool(r)
      f = Flatten(g)
      logits = Gemm<transB = 1>(f, w2, b2)
    })");
  add_weight(model, "w0", {4, 4, 1, 1});
  add_weight(model, "w1", {4, 4, 1, 1});
  add_weight(model, "w2", {5, 4});
  add_weight(model, "b2", {5});
  const Rewritten result = rewrite(model);
  EXPECT_EQ(result.graph,
            R"(x/quantized = QuantizeLinear(x, x/scale, x/zero_point)
x/dequantized = DequantizeLinear(x/quantized, x/scale, x/zero_point)
w0/dequantized = DequantizeLinear<axis=0>(w0/quantized, w0/scale, w0/zero_point)
s = Conv(x/dequantized, w0/dequantized)
s/quantized = QuantizeLinear(s, s/scale, s/zero_point)
s/dequantized = DequantizeLinear(s/quantized, s/scale, s/zero_point)
p = MaxPool(s/dequantized)
p/quantized = QuantizeLinear(p, s/scale, s/zero_point)
p/dequantized = DequantizeLinear(p/quantized, s/scale, s/zero_point)
w1/dequantized = DequantizeLinear<axis=0>(w1/quantized, w1/scale, w1/zero_point)
a = Conv(p/dequantized, w1/dequantized)
ar = Relu(a)
ar/quantized = QuantizeLinear(ar, ar/scale, ar/zero_point)
ar/dequantized = DequantizeLinear(ar/quantized, ar/scale, ar/zero_point)
b = Conv(ar/dequantized, w1/dequantized)
b/quantized = QuantizeLinear(b, b/scale, b/zero_point)
b/dequantized = DequantizeLinear(b/quantized, b/scale, b/zero_point)
sum = Add(b/dequantized, p/dequantized)
r = Relu(sum)
r/quantized = QuantizeLinear(r, r/scale, r/zero_point)
r/dequantized = DequantizeLinear(r/quantized, r/scale, r/zero_point)
g = GlobalAveragePool(r/dequantized)
g/quantized = QuantizeLinear(g, g/scale, g/zero_point)
g/dequantized = DequantizeLinear(g/quantized, g/scale, g/zero_point)
f = Flatten(g/dequantized)
f/quantized = QuantizeLinear(f, g/scale, g/zero_point)
f/dequantized = DequantizeLinear(f/quantized, g/scale, g/zero_point)
w2/dequantized = DequantizeLinear<axis=0>(w2/quantized, w2/scale, w2/zero_point)
b2/dequantized = DequantizeLinear<axis=0>(b2/quantized, b2/scale, b2/zero_point)
logits = Gemm(f/dequantized, w2/dequantized, b2/dequantized)
)");
  EXPECT_THAT(result.plan.kept_float, IsEmpty());
}

// The residual stream, the norm and the activations of a transformer stay float: integers come in
// before a Gemm and leave in it.
TEST(PlacementTest, TransformerLayerQuantizesOnlyWhatGemmsRead) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 8] x) => (float[n, 8] y) {
      h = LayerNormalization(x, g)
      u = Gemm<transB = 1>(h, w, b)
      e = Erf(u)
      d = MatMul(e, v)
      q = MatMul(d, d2)
      y = Add(x, d)
    })");
  add_weight(model, "g", {8});
  add_weight(model, "w", {16, 8});
  add_weight(model, "b", {16});
  add_weight(model, "v", {16, 8});
  model.mutable_graph()->mutable_node(4)->set_input(1, "d");
  const Rewritten result = rewrite(model);
  EXPECT_EQ(result.graph,
            R"(h = LayerNormalization(x, g)
h/quantized = QuantizeLinear(h, h/scale, h/zero_point)
h/dequantized = DequantizeLinear(h/quantized, h/scale, h/zero_point)
w/dequantized = DequantizeLinear<axis=0>(w/quantized, w/scale, w/zero_point)
b/dequantized = DequantizeLinear<axis=0>(b/quantized, b/scale, b/zero_point)
u = Gemm(h/dequantized, w/dequantized, b/dequantized)
e = Erf(u)
e/quantized = QuantizeLinear(e, e/scale, e/zero_point)
e/dequantized = DequantizeLinear(e/quantized, e/scale, e/zero_point)
v/dequantized = DequantizeLinear<axis=1>(v/quantized, v/scale, v/zero_point)
d = MatMul(e/dequantized, v/dequantized)
q = MatMul(d, d)
y = Add(x, d)
)");
  EXPECT_THAT(kept(result.plan),
              UnorderedElementsAre(Pair("MatMul", "both its operands are activations"),
                                   Pair("Add", "it does not stand between quantized operators")));
  EXPECT_THAT(result.plan.float_by_type,
              UnorderedElementsAre(Pair("LayerNormalization", 1), Pair("Erf", 1), Pair("MatMul", 1),
                                   Pair("Add", 1)));
}

TEST(PlacementTest, GemmsInARowPassIntegersThroughTheirRelu) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 8] x) => (float[n, 8] y) {
      u = Gemm<transB = 1>(x, w)
      r = Relu(u)
      y = Gemm(r, w)
    })");
  add_weight(model, "w", {8, 8});
  const Rewritten result = rewrite(model);
  // One weight along two axes: two copies, each with its own scales.
  EXPECT_EQ(result.graph,
            R"(x/quantized = QuantizeLinear(x, x/scale, x/zero_point)
x/dequantized = DequantizeLinear(x/quantized, x/scale, x/zero_point)
w/dequantized = DequantizeLinear<axis=0>(w/quantized, w/scale, w/zero_point)
u = Gemm(x/dequantized, w/dequantized)
r = Relu(u)
r/quantized = QuantizeLinear(r, r/scale, r/zero_point)
r/dequantized = DequantizeLinear(r/quantized, r/scale, r/zero_point)
w/dequantized_2 = DequantizeLinear<axis=1>(w/quantized_2, w/scale_2, w/zero_point_2)
y = Gemm(r/dequantized, w/dequantized_2)
)");
}

TEST(PlacementTest, RulesKeepTypesAndNodesInFloat) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 4, 8, 8] x) => (float[n, 4, 8, 8] y) {
      a = Conv(x, w)
      b = Conv(a, w)
      c = Conv(b, w)
      y = Add(b, c)
    })");
  add_weight(model, "w", {4, 4, 1, 1});
  for (int i = 0; i < 4; ++i) {
    model.mutable_graph()->mutable_node(i)->set_name("/stage" + std::to_string(i) + "/op");
  }
  QuantizeOptions options;
  options.float_nodes = {"stage[12]/"};
  options.float_op_types = {"Add"};
  const Rewritten result = rewrite(model, options);
  EXPECT_EQ(result.graph,
            R"(x/quantized = QuantizeLinear(x, x/scale, x/zero_point)
x/dequantized = DequantizeLinear(x/quantized, x/scale, x/zero_point)
w/dequantized = DequantizeLinear<axis=0>(w/quantized, w/scale, w/zero_point)
a = Conv(x/dequantized, w/dequantized)
a/quantized = QuantizeLinear(a, a/scale, a/zero_point)
a/dequantized = DequantizeLinear(a/quantized, a/scale, a/zero_point)
b = Conv(a/dequantized, w)
c = Conv(b, w)
y = Add(b, c)
)");
  EXPECT_THAT(kept(result.plan), ElementsAre(Pair("Conv", HasSubstr("stage[12]/")),
                                             Pair("Conv", HasSubstr("stage[12]/")),
                                             Pair("Add", "a rule keeps its operator type")));
  options.float_nodes = {"(unclosed"};
  EXPECT_THAT(error_of([&] { rewrite(model, options); }), HasSubstr("'(unclosed'"));
}

TEST(PlacementTest, SaysWhyAnAnchorStaysFloat) {
  struct Case {
    const char* nodes;
    const char* reason;
  };
  const Case cases[] = {
      {"y = Gemm<transB = 1, alpha = 0.5>(x, w)", "its alpha or beta is not 1"},
      {"y = Gemm<transB = 1>(x, w, full)", "its bias is no vector of its channels"},
      {"y = Gemm<transB = 1>(x, w, x)", "its bias is computed, or not float32"},
      {"v = Relu(w)\n y = Gemm<transB = 1>(x, v)", "its weight is computed, not stored"},
      {"y = MatMul(w, x)", "its weight is the left operand"},
      {"y = MatMul(x, halves)", "its weight is not float32"},
      {"y = MatMul(x, line)", "its weight has an unusual shape"},
  };
  for (const Case& c : cases) {
    onnx::ModelProto model =
        parse("net (float[8, 8] x) => (float[8, 8] y) {" + std::string(c.nodes) + "}");
    add_weight(model, "w", {8, 8});
    add_weight(model, "full", {2, 4});
    add_weight(model, "line", {8});
    add_weight(model, "halves", {8, 8});
    model.mutable_graph()->mutable_initializer(3)->set_data_type(onnx::TensorProto::FLOAT16);
    const Rewritten result = rewrite(model);
    ASSERT_EQ(result.plan.kept_float.size(), 1u) << c.nodes;
    EXPECT_EQ(result.plan.kept_float[0].reason, c.reason);
    EXPECT_THAT(result.plan.nodes, IsEmpty());
  }
}

TEST(PlacementTest, TensorsReadByInnerGraphsKeepTheirFloatName) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 4, 8, 8] x, bool[1] cond) => (float[n, 4, 8, 8] y) {
      c = Conv(x, w)
      y = If<then_branch = yes () => (float[n, 4, 8, 8] t) { t = Relu(c) },
             else_branch = no () => (float[n, 4, 8, 8] e) { e = Neg(c) }>(cond)
    })");
  add_weight(model, "w", {4, 4, 1, 1});
  const Rewritten result = rewrite(model);
  EXPECT_THAT(result.graph, HasSubstr("c = Conv(x/dequantized, w/dequantized)\n"));
}

TEST(PlacementTest, ConstantNodesAreWeightsToo) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 2] x) => (float[n, 2] y) {
      w = Constant<value = float[2, 2] {0.5, -1.0, 2.0, 0.25}>()
      y = MatMul(x, w)
    })");
  EXPECT_THAT(
      rewrite(model).graph,
      HasSubstr("w/dequantized = DequantizeLinear<axis=1>(w/quantized, w/scale, w/zero_point)"));
}

}  // namespace
}  // namespace switchyard
