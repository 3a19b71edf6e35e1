// Recipes made in the test, built into graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/export/toy.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kMlp = R"(recipe: toy
inputs:
  x: {dtype: float32, dims: [batch_size, sequence_length, 4]}
blocks:
  linear(x):
    - k = shape(x)[-1]
    - n = shape($weight)[0]
    - flat = Reshape(x, [-1, k])
    - y = Gemm(flat, $weight, $bias?, transB=1)
    - return Reshape(y, [shape(x)[0], shape(x)[1], n])
graph:
  - for: i in range(count(enc.layer.*))
    do:
      - h = linear(x)     @ enc.layer.{i}.dense
      - x = Relu(h + x)   @ enc.layer.{i}
heads:
  t:
    do: [ "logits = linear(x[:, 0:2])  @ classifier" ]
    outputs: {logits: logits}
  features:
    outputs: {last_hidden_state: x}
)";

const std::vector<toy::TensorSpec> kMlpTensors = {
    {"enc.layer.0.dense.weight", {4, 4}},
    {"enc.layer.0.dense.bias", {4}},
    {"enc.layer.1.dense.weight", {4, 4}},
    {"classifier.weight", {3, 4}},
    {"classifier.bias", {3}},
};

TEST(Graph, NamesNodesAfterScopesAndTracksShapes) {
  const toy::Built toy = toy::build(kMlp, kMlpTensors);
  EXPECT_EQ(
      toy::dump(toy.built.graph),
      "/enc/layer.0/dense/Reshape(x, [-1 4]) -> float32[batch_size*sequence_length, 4]\n"
      "/enc/layer.0/dense/Gemm(/enc/layer.0/dense/Reshape_output_0, enc.layer.0.dense.weight, "
      "enc.layer.0.dense.bias) -> float32[batch_size*sequence_length, 4]\n"
      "/shape/Shape(x) -> int64[3]\n"
      "/shape/Gather(/shape/Shape_output_0, [1]) -> int64[1]\n"
      "/shape/Concat([-1], /shape/Gather_output_0, [4]) -> int64[3]\n"
      "/enc/layer.0/dense/Reshape_1(/enc/layer.0/dense/Gemm_output_0, /shape/Concat_output_0) -> "
      "float32[batch_size, sequence_length, 4]\n"
      "/enc/layer.0/Add(/enc/layer.0/dense/Reshape_1_output_0, x) -> float32[batch_size, "
      "sequence_length, 4]\n"
      "/enc/layer.0/Relu(/enc/layer.0/Add_output_0) -> float32[batch_size, sequence_length, 4]\n"
      "/enc/layer.1/dense/Reshape(/enc/layer.0/Relu_output_0, [-1 4]) -> "
      "float32[batch_size*sequence_length, 4]\n"
      "/enc/layer.1/dense/Gemm(/enc/layer.1/dense/Reshape_output_0, enc.layer.1.dense.weight) -> "
      "float32[batch_size*sequence_length, 4]\n"
      "/enc/layer.1/dense/Reshape_1(/enc/layer.1/dense/Gemm_output_0, /shape/Concat_output_0) -> "
      "float32[batch_size, sequence_length, 4]\n"
      "/enc/layer.1/Add(/enc/layer.1/dense/Reshape_1_output_0, /enc/layer.0/Relu_output_0) -> "
      "float32[batch_size, sequence_length, 4]\n"
      "/enc/layer.1/Relu(/enc/layer.1/Add_output_0) -> float32[batch_size, sequence_length, 4]\n"
      "/classifier/Slice(/enc/layer.1/Relu_output_0, [0], [2], [1]) -> float32[batch_size, ?, 4]\n"
      "/classifier/Reshape(/classifier/Slice_output_0, [-1 4]) -> float32[?, 4]\n"
      "/classifier/Gemm(/classifier/Reshape_output_0, classifier.weight, classifier.bias) -> "
      "float32[?, 3]\n"
      "/shape/Shape_1(/classifier/Slice_output_0) -> int64[3]\n"
      "/shape/Gather_1(/shape/Shape_1_output_0, [1]) -> int64[1]\n"
      "/shape/Concat_1([-1], /shape/Gather_1_output_0, [3]) -> int64[3]\n"
      "/classifier/Reshape_1(/classifier/Gemm_output_0, /shape/Concat_1_output_0) -> "
      "float32[batch_size, ?, 3]\n");
}

TEST(Graph, LeavesAnotherHeadUnusedAndSaysSo) {
  const toy::Built toy = toy::build(kMlp, kMlpTensors, "features");
  EXPECT_THAT(toy.built.ignored, ElementsAre("2 tensors (classifier.bias, classifier.weight): head "
                                             "of t (rule weights/other-heads)"));
}

TEST(Graph, RefusesWhatIsUnusedMissingOrOfTheWrongShape) {
  std::vector<toy::TensorSpec> more = kMlpTensors;
  more.push_back({"enc.gate.weight", {4}});
  EXPECT_THAT(toy::error_of([&] { toy::build(kMlp, more); }),
              HasSubstr("leaves enc.gate.weight of the checkpoint unused"));

  std::vector<toy::TensorSpec> headless(kMlpTensors.begin(), kMlpTensors.begin() + 3);
  const std::string no_head = toy::error_of([&] { toy::build(kMlp, headless); });
  EXPECT_THAT(no_head, HasSubstr("not fine-tuned for the task 't'"));
  EXPECT_THAT(no_head, HasSubstr("classifier.weight"));
  EXPECT_THAT(no_head, HasSubstr("toy.yaml:7:17"));

  std::vector<toy::TensorSpec> wrong = kMlpTensors;
  wrong[3].shape = {3, 5};
  const std::string shape = toy::error_of([&] { toy::build(kMlp, wrong); });
  EXPECT_THAT(shape, HasSubstr("classifier.weight"));
  EXPECT_THAT(shape, HasSubstr("classifier.weight takes 5 features, its input has 4"));

  std::vector<toy::TensorSpec> misspelt = kMlpTensors;
  misspelt[2].name = "enc.layer.1.dense.wieght";
  const std::string missing = toy::error_of([&] { toy::build(kMlp, misspelt); });
  EXPECT_THAT(missing, HasSubstr("no tensor 'enc.layer.1.dense.weight'"));
  EXPECT_THAT(missing, HasSubstr("enc.layer.1.dense.wieght"));
}

TEST(Graph, UnknownTaskNamesThoseThereAre) {
  EXPECT_THAT(toy::error_of([] { toy::build(kMlp, kMlpTensors, "detection"); }),
              HasSubstr("It has t and features"));
}

std::string wrap(const std::string& body, const std::string& rest = "") {
  return "recipe: toy\ninputs: {x: {dtype: float32, dims: [batch, 4]}}\n" + rest + "graph:\n" +
         body + "heads: {t: {outputs: {y: y}}}\n";
}

TEST(Graph, EveryConstructBuilds) {
  struct Case {
    const char* name;
    std::string recipe;
    std::vector<toy::TensorSpec> tensors;
    const char* expected;
  };
  const Case cases[] = {
      {"slices of a weight are views",
       wrap("  - q = $qkv.weight[0:4]\n  - y = MatMul(x, q) + MatMul(x, $qkv.weight[4:8])\n"),
       {{"qkv.weight", {8, 4}}},
       "/MatMul(x, qkv.weight/view) -> float32[batch, 4]\n/MatMul_1(x, qkv.weight/view_1) -> "
       "float32[batch, 4]\n"
       "/Add(/MatMul_output_0, /MatMul_1_output_0) -> float32[batch, 4]\n"},
      {"a reshaped weight is a view",
       wrap("  - y = x * Reshape($w, [1, -1])\n"),
       {{"w", {2, 2}}},
       "/Mul(x, w/view) -> float32[batch, 4]\n"},
      {"a weight's arithmetic is nodes",
       wrap("  - y = MatMul(x, Transpose($w, perm=[1, 0]))\n"),
       {{"w", {3, 4}}},
       "/Transpose(w) -> float32[4, 3]\n/MatMul(x, /Transpose_output_0) -> float32[batch, 3]\n"},
      {"blocks as parameters, defaults, several results",
       wrap("  - y, z = twice(x, f=double)\n  - y = y + z\n",
            "blocks:\n  double(x): return Add(x, x)\n  twice(x, f, n=2):\n    - z = x\n    - for: "
            "i in range(n)\n      do: x = f(x)\n    - return x, z\n"),
       {},
       "/Add(x, x) -> float32[batch, 4]\n/Add_1(/Add_output_0, /Add_output_0) -> float32[batch, "
       "4]\n/Add_2(/Add_1_output_0, x) -> float32[batch, 4]\n"},
      {"a string names a block or an operator",
       wrap("  - f = 'Relu'\n  - y = f(g.k(x))\n", "let: {g: \"{'k': 'Tanh'}\"}\n"),
       {},
       "/Tanh(x) -> float32[batch, 4]\n/Relu(/Tanh_output_0) -> float32[batch, 4]\n"},
      {"zip, if, scopes and lists of tensors",
       wrap("  - ys = []\n  - for: n, op in zip(['a', 'b'], ['Relu', 'Exp'])\n    do:\n      - "
            "scope: part.{n}\n        do: ys = ys + [op(x)]\n"
            "  - if: len(ys) == 2\n    then: y = Concat(ys, axis=1)\n    else: y = x\n"),
       {},
       "/part/a/Relu(x) -> float32[batch, 4]\n/part/b/Exp(x) -> float32[batch, "
       "4]\n/Concat(/part/a/Relu_output_0, /part/b/Exp_output_0) -> float32[batch, 8]\n"},
      {"several outputs",
       wrap("  - a, b = Split(x, [1, 3], axis=1)\n  - parts = Split(b, [1, 2], axis=1)\n  - y = a "
            "+ parts[0]\n"),
       {},
       "/Split(x, [1 3]) -> float32[batch, 1] float32[batch, 3]\n/Split_1(/Split_output_1, [1 2]) "
       "-> float32[batch, 1] float32[batch, 2]\n"
       "/Add(/Split_output_0, /Split_1_output_0) -> float32[batch, 1]\n"},
      {"dead nodes are dropped",
       wrap("  - z = Exp(x)\n  - y = Relu(x)\n"),
       {},
       "/Relu(x) -> float32[batch, 4]\n"},
      {"subscripts",
       wrap("  - y = x[:, None, 1:3][..., 0]\n"),
       {},
       "/Slice(x, [1], [3], [1]) -> float32[batch, 2]\n/Unsqueeze(/Slice_output_0, [1]) -> "
       "float32[batch, 1, 2]\n/Gather(/Unsqueeze_output_0, [0]) -> float32[batch, 1]\n"},
      {"symbolic integers",
       wrap("  - n = shape(x)[0] * 2 + 1\n  - y = Expand(constant([[1.0]]), [n, 4])\n"),
       {},
       "/shape/Shape(x) -> int64[2]\n/shape/Gather(/shape/Shape_output_0, [0]) -> "
       "int64[1]\n/shape/Mul(/shape/Gather_output_0, [2]) -> int64[1]\n"
       "/shape/Add(/shape/Mul_output_0, [1]) -> int64[1]\n/shape/Concat(/shape/Add_output_0, [4]) "
       "-> int64[2]\n"
       "/Expand(/constant, /shape/Concat_output_0) -> float32[2*batch+1, 4]\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    try {
      EXPECT_EQ(
          toy::dump(
              toy::build(c.recipe,
                         c.tensors.empty()
                             ? std::vector<toy::TensorSpec>{{"pad.num_batches_tracked", {1}, "I64"}}
                             : c.tensors)
                  .built.graph),
          c.expected);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST(Graph, FoldsConstantSubgraphs) {
  const toy::Built toy =
      toy::build(wrap("  - i = Range(0, 4, 1)\n  - mask = Cast(Less(Unsqueeze(i, [0]), "
                      "Unsqueeze(i, [1])), to='float32')\n  - y = MatMul(x, mask)\n"),
                 {{"pad.num_batches_tracked", {1}, "I64"}});
  ASSERT_EQ(toy.built.graph.nodes.size(), 1u);
  const graph::Tensor& mask =
      toy.built.graph.tensors[static_cast<std::size_t>(toy.built.graph.nodes[0].inputs[1])];
  ASSERT_TRUE(mask.constant);
  ASSERT_EQ(mask.constant->bytes.size(), 64u);
  const float* values = reinterpret_cast<const float*>(mask.constant->bytes.data());
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 4; ++column)
      EXPECT_EQ(values[row * 4 + column], column < row ? 1.0f : 0.0f);
  }
}

TEST(Graph, VariantsInherit) {
  const std::string recipe =
      "recipe: toy\ninputs: {x: {dtype: float32, dims: [batch, \"variant.width\"]}}\n"
      "variants:\n  key: config.architecture\n  defaults: {width: 4, act: Relu}\n  rows:\n    a: "
      "{}\n    b: {act: Tanh, width: 6}\n    c: {like: b, width: 8}\n"
      "heads: {t: {outputs: {y: variant.act(x)}}}\n";
  const std::vector<toy::TensorSpec> idle = {{"a.num_batches_tracked", {1}, "I64"}};
  const auto of = [&](const char* name) {
    return toy::dump(toy::build(recipe, idle, "t", Map{{"architecture", Value(name)}}).built.graph);
  };
  EXPECT_EQ(of("a"), "/Relu(x) -> float32[batch, 4]\n");
  EXPECT_EQ(of("b"), "/Tanh(x) -> float32[batch, 6]\n");
  EXPECT_EQ(of("c"), "/Tanh(x) -> float32[batch, 8]\n");
  EXPECT_THAT(toy::error_of([&] { of("d"); }), HasSubstr("no variant 'd'"));
}

TEST(Graph, OptionalInputsAndOutputs) {
  const std::string recipe =
      "recipe: toy\ninputs:\n  x: {dtype: float32, dims: [batch, 4]}\n  z: {dtype: float32, dims: "
      "[batch, 4], when: config.two}\n"
      "graph: [ 'y = x + z if z != null else x' ]\n"
      "heads: {t: {outputs: {y: Relu(y), extra: z}, axes: {y: {0: rows}}}}\n";
  const std::vector<toy::TensorSpec> idle = {{"a.num_batches_tracked", {1}, "I64"}};
  const toy::Built two = toy::build(recipe, idle, "t", Map{{"two", Value(true)}});
  EXPECT_EQ(two.built.graph.inputs.size(), 2u);
  ASSERT_EQ(two.built.graph.outputs.size(), 2u);
  EXPECT_EQ(two.built.graph.tensors[static_cast<std::size_t>(two.built.graph.outputs[0].tensor)]
                .type.text(),
            "float32[rows, 4]");
  const toy::Built one = toy::build(recipe, idle, "t", Map{{"two", Value(false)}});
  EXPECT_EQ(one.built.graph.inputs.size(), 1u);
  EXPECT_EQ(one.built.graph.outputs.size(), 1u);
  EXPECT_EQ(toy::dump(one.built.graph), "/Relu(x) -> float32[rows, 4]\n");
}

TEST(Graph, FitsNamesOfACheckpoint) {
  const std::string recipe =
      "recipe: toy\nprefix: base\nuse: [lib]\ninputs: {x: {dtype: float32, dims: [batch, 4]}}\n"
      "graph: [ 'x = norm(x) @ base.norm' ]\nheads: {t: {outputs: {y: x}}}\n";
  const std::string library =
      "blocks_library: lib\nblocks:\n  norm(x): [ 'return LayerNormalization(x, $weight, $bias)' "
      "]\n";
  const std::pair<const char*, std::vector<toy::TensorSpec>> cases[] = {
      {"as written", {{"base.norm.weight", {4}}, {"base.norm.bias", {4}}}},
      {"bare base model", {{"norm.weight", {4}}, {"norm.bias", {4}}}},
      {"old names", {{"norm.gamma", {4}}, {"norm.beta", {4}}}},
      {"wrapped", {{"timm_model.norm.weight", {4}}, {"timm_model.norm.bias", {4}}}},
      {"data parallel", {{"module.base.norm.weight", {4}}, {"module.base.norm.bias", {4}}}},
      {"half precision", {{"norm.weight", {4}, "F16"}, {"norm.bias", {4}, "BF16"}}},
  };
  for (const auto& [name, tensors] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(toy::error_of([&, t = tensors] { toy::build(recipe, t, "t", Map(), {library}); }),
              "");
  }
  // A fault in a library's block is shown where the recipe called it.
  const std::string error = toy::error_of([&] {
    toy::build(recipe, {{"norm.weight", {4}}}, "t", Map(), {library});
  });
  EXPECT_THAT(error, HasSubstr("toy.yaml:5:15"));
  EXPECT_THAT(error, HasSubstr("[in norm, lib1.yaml:3:53]"));
}

TEST(Graph, FaultsOfARecipeHavePlaces) {
  const std::tuple<const char*, std::string, const char*> cases[] = {
      {"unknown key", "recipe: toy\ninpts: {}\n", "toy.yaml:2:1"},
      {"unknown statement key", wrap("  - fro: i in range(3)\n    do: []\n"), "toy.yaml:4:5"},
      {"bad expression", wrap("  - y = Relu(x\n"), "toy.yaml:4"},
      {"quoted line", wrap("  - 'y = Rleu(x)'\n"), "toy.yaml:4:10"},
      {"return outside a block", wrap("  - return x\n"), "toy.yaml:4:5"},
      {"too few targets", wrap("  - a, b, c = Split(x, [1, 3], axis=1)\n"), "toy.yaml:4"},
      {"recursion", wrap("  - y = f(x)\n", "blocks:\n  f(x): [return f(x)]\n"), "40 deep"},
      {"requirement", wrap("  - require: \"1 > 2, 'one is small'\"\n"), "one is small"},
      {"unknown input dtype",
       "recipe: toy\ninputs: {x: {dtype: flaot, dims: [1]}}\nheads: {t: {outputs: {y: x}}}\n",
       "flaot"},
      {"taken output name",
       wrap("  - y = Relu(x)\n").replace(wrap("  - y = Relu(x)\n").find("{y: y}"), 6, "{x: y}"),
       "'x' is taken"},
      {"unknown library", "recipe: toy\nuse: [nolib]\ninputs: {}\nheads: {t: {outputs: {y: x}}}\n",
       "toy.yaml:2:7"},
      {"sizes beyond 64 bits", wrap("  - y = Reshape(x, [99999999999, 99999999999])\n"),
       "toy.yaml:4"},
      {"unknown like", "recipe: toy\ninputs: {}\nheads: {t: {like: u}}\n", "toy.yaml:3:19"},
  };
  for (const auto& [name, recipe, expected] : cases) {
    EXPECT_THAT(toy::error_of([&, r = recipe] {
                  toy::build(r, {{"a.num_batches_tracked", {1}, "I64"}});
                }),
                HasSubstr(expected))
        << name;
  }
}

// Random edits of a recipe: whatever they make of it, the answer is a graph or an Error.
TEST(Graph, DamagedRecipesAreErrors) {
  std::mt19937 random(1);
  const std::string pieces[] = {"(",     ")",    "[",        "]",   "{",           "}",  "'",
                                "\"",    "$",    "@",        ":",   ",",           " ",  "\n",
                                "- ",    "x",    "0",        "-1",  "99999999999", "..", "?",
                                "for: ", "null", "shape(x)", "\xff"};
  int errors = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text = kMlp;
    for (int edit = 0; edit < 3; ++edit) {
      const std::size_t at = 12 + random() % (text.size() - 12);
      if (random() % 2)
        text.erase(at, 1 + random() % 5);
      else
        text.insert(at, pieces[random() % std::size(pieces)]);
    }
    errors += toy::error_of([&] { toy::build(text, kMlpTensors); }).empty() ? 0 : 1;
  }
  EXPECT_GT(errors, 200);
}

TEST(Graph, NotesWhatAModelFixes) {
  toy::Directory directory;
  const Weights weights = Weights::open(
      toy::write_checkpoint(directory.path(), {{"a.num_batches_tracked", {1}, "I64"}}));
  const std::string recipe =
      "recipe: toy\ninputs: {x: {dtype: float32, dims: [batch, 3, height, 8]}}\nheads: {t: "
      "{outputs: {y: Relu(x)}}}\n";
  GraphRequest request{.recipe = "toy", .task = "t", .config = Map()};
  request.expected_inputs = {{.name = "x",
                              .dtype = "float32",
                              .dims = {Value("batch"), Value(3), Value("height"), Value("width")},
                              .dims_known = true}};
  EXPECT_THAT(build_graph(*toy::book(recipe), request, weights).notes,
              ElementsAre("input x: the model fixes width to 8 (toy.yaml:2:10)"));
}

}  // namespace
}  // namespace switchyard
