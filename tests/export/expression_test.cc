// Expressions: what they evaluate to, and where and how they fail.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "engine/json.h"
#include "stages/export/recipe/builtins.h"
#include "stages/export/recipe/evaluator.h"
#include "stages/export/recipe/parser.h"
#include "tests/export/toy.h"

namespace switchyard {
namespace {

const char* kConfig =
    R"({"hidden": 64, "name": "resnet50d", "sizes": [1, 2, 3], "rope": {"theta": 1e4}, "none": null, "flag": true})";

class Expression : public testing::Test {
 protected:
  Expression()
      : weights_(Weights::open(toy::write_checkpoint(
            directory_.path(),
            {{"layers.0.weight", {4, 3}}, {"layers.1.weight", {4, 3}}, {"layers.10.bias", {4}}}))),
        names_({}, tensor_list(weights_)) {}

  std::string evaluate(const std::string& text) {
    const std::string file = "test.yaml";
    const recipe::Recipe empty;
    graph::Builder builder;
    recipe::Evaluator evaluator(empty, builder, names_);
    evaluator.set_global("config", parse_json(kConfig, "config.json"));
    evaluator.set_global("s", graph::Item(graph::Dim::axis("sequence")));
    evaluator.set_global("b", graph::Item(graph::Dim::axis("batch")));
    try {
      return evaluator.evaluate(*recipe::parse_expression(text, {&file, 3, 10})).text();
    } catch (const Error& error) {
      return error.what();
    }
  }

  toy::Directory directory_;
  Weights weights_;
  WeightNames names_;
};

TEST_F(Expression, Values) {
  const std::pair<const char*, const char*> cases[] = {
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"7 // 2", "3"},
      {"-7 // 2", "-4"},
      {"-7 % 3", "2"},
      {"7 / 2", "3.5"},
      {"2 ** 10", "1024"},
      {"-2 ** 2", "-4"},
      {"2 ** -1", "0.5"},
      {"1e-3", "0.001"},
      {"1_000", "1000"},
      {"'a' + \"b\"", "\"ab\""},
      {"[1, 2] + [3]", "[1,2,3]"},
      {"[0] * 3", "[0,0,0]"},
      {"1 < 2 and not 2 < 1", "true"},
      {"1 if false else 2", "2"},
      {"1 == 1.0", "true"},
      {"3 in config.sizes", "true"},
      {"'hidden' in config", "true"},
      {"'50' in config.name", "true"},
      {"4 not in config.sizes", "true"},
      {"config.hidden // 2", "32"},
      {"config.missing ?? 5", "5"},
      {"config.none ?? 5", "5"},
      {"config.rope.missing.deeper ?? 'x'", "\"x\""},
      {"config.sizes[7] ?? 0", "0"},
      {"config.missing ?? config.absent ?? 7", "7"},
      {"config.missing ?? config.hidden ?? 7", "64"},
      {"config.hidden ?? 1 == 64", "true"},
      {"config.sizes[-1]", "3"},
      {"config.sizes[1:]", "[2,3]"},
      {"config.sizes[::-1]", "[3,2,1]"},
      {"config.name[0:6]", "\"resnet\""},
      {"[i * i for i in range(5) if i % 2]", "[1,9]"},
      {"[a + b2 for a, b2 in zip([1, 2], [10, 20])]", "[11,22]"},
      {"[i if i > 1 else 0 for i in range(3)]", "[0,0,2]"},
      {"len(config.sizes)", "3"},
      {"sum([i for i in config.sizes])", "6"},
      {"max(1, 5, 3)", "5"},
      {"min(config.sizes)", "1"},
      {"int(3.9) + int('4') + int(true)", "8"},
      {"round(2.5)", "2"},
      {"ceil(2.1) + floor(2.9)", "5"},
      {"sqrt(16)", "4.0"},
      {"split('a_b_c', '_')", "[\"a\",\"b\",\"c\"]"},
      {"replace('a-b', '-', '_')", "\"a_b\""},
      {"startswith(config.name, 'res') and endswith(config.name, 'd')", "true"},
      {"reversed(sorted([2, 3, 1]))", "[3,2,1]"},
      {"enumerate(['x', 'y'])", "[[0,\"x\"],[1,\"y\"]]"},
      {"any([false, true]) and all([])", "true"},
      {"has(config, 'rope') and not has(config, 'no')", "true"},
      {"keys({'a': 1, 'b': 2})", "[\"a\",\"b\"]"},
      {"{'a': 1}.a + values({'b': 2})[0]", "3"},
      {"merge({'a': 1}, {'a': 2}).a", "2"},
      {"first([4, 5]) + first(null, 6)", "10"},
      {"null or 3", "3"},
      {"str(5) + lower('AB')", "\"5ab\""},
      {"count(layers.*)", "3"},
      {"count(\"layers.*.weight\")", "2"},
      {"exists($\"layers.{0 + 1}.weight\")", "true"},
      {"exists($nothing)", "false"},
      {"shape($layers.0.weight)[1]", "3"},
      {"rank($layers.0.weight)", "2"},
      {"dtype($layers.0.weight)", "\"float32\""},
      {"$nothing?", "null"},
      {"s", "sequence"},
      {"s * b // s", "batch"},
      {"(s + 1) * b - b", "batch*sequence"},
      {"s * 0", "0"},
      {"s == s", "true"},
      {"s + 1 == s", "false"},
      {"s < s + 1", "true"},
      {"is_known(s) or is_known(3)", "true"},
      {"max(s, s)", "sequence"},
      {"s // 2", "floordiv(sequence,2)"},
      {"(2 * s) // 2", "sequence"},
  };
  for (const auto& [text, expected] : cases) {
    // Items of a list that hold no symbols print as JSON when they are plain data.
    std::string got = evaluate(text);
    std::erase(got, ' ');
    EXPECT_EQ(got, expected) << text;
  }
}

TEST_F(Expression, Failures) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      // expression, place, part of the message
      {"1 +", "test.yaml:3:13", "expected a value"},
      {"1 + + ", "test.yaml:3:16", "expected a value"},
      {"(1", "test.yaml:3:12", "expected ')'"},
      {"'abc", "test.yaml:3:10", "not closed"},
      {"a b", "test.yaml:3:12", "unexpected 'b'"},
      {"1 ; 2", "test.yaml:3:12", "starts nothing"},
      {"99999999999999999999", "test.yaml:3:10", "not a number"},
      {"2 ** 63 ", "test.yaml:3:12", "64 bits"},
      {"1 // 0", "test.yaml:3:12", "division by zero"},
      {"1 / 0", "test.yaml:3:12", "division by zero"},
      {"confg.hidden", "test.yaml:3:10", "Did you mean config"},
      {"config.hiden", "test.yaml:3:16", "hidden"},
      {"config.sizes[3]", "test.yaml:3:23", "out of range"},
      {"1 + 'a'", "test.yaml:3:12", "does not work on"},
      {"nothing(1)", "test.yaml:3:10", "no block or function 'nothing'"},
      {"Cov(1)", "test.yaml:3:10", "Conv"},
      {"range(1, 2, 0)", "test.yaml:3:10", "step of a range is 0"},
      {"len(1)", "test.yaml:3:10", "no length"},
      {"split('a')", "test.yaml:3:10", "split(s, separator)"},
      {"error('broken')", "test.yaml:3:10", "broken"},
      {"$layers.0.wieght", "test.yaml:3:10", "layers.0.weight"},
      {"s == 3", "test.yaml:3:12", "only known when the model runs"},
      {"range(s)", "test.yaml:3:10", "symbolic"},
      {"$layers.0.weight == 1", "test.yaml:3:27", "Equal"},
      {"not $layers.0.weight", "test.yaml:3:10", "truth value"},
      {"range(9999999999)", "test.yaml:3:10", "5,000,000 steps"},
      {"[0] * 999999999", "test.yaml:3:14", "repeated"},
      {"[[[i for i in range(300)] for j in range(300)] for k in range(300)]", "test.yaml:3",
       "5,000,000 steps"},
      {"Relu($layers.0.weight, 1, 2)", "test.yaml:3:10", "at most 1 inputs"},
      {"Relu($layers.0.weight, alpah=2)", "test.yaml:3:10", "no input or attribute 'alpah'"},
      {"Softmax($layers.0.weight, axis='x')", "test.yaml:3:10", "must be an integer"},
      {"MatMul($layers.0.weight, $layers.1.weight)", "test.yaml:3:10",
       "tensor layers.0.weight float32[4, 3]"},
  };
  for (const auto& [text, place, message] : cases) {
    const std::string got = evaluate(text);
    EXPECT_TRUE(got.starts_with(place)) << text << ": " << got;
    EXPECT_NE(got.find(message), std::string::npos) << text << ": " << got;
  }
}

TEST_F(Expression, NestingIsLimited) {
  const std::string got = evaluate(std::string(5000, '(') + "1" + std::string(5000, ')'));
  EXPECT_NE(got.find("nested too deeply"), std::string::npos) << got;
}

TEST(Builtins, AreSortedAndDocumented) {
  std::ifstream in(SWITCHYARD_SOURCE_DIR "/docs/recipes.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  std::string_view before;
  for (const recipe::Builtin& builtin : recipe::builtins()) {
    EXPECT_LT(before, builtin.name);
    before = builtin.name;
    EXPECT_EQ(recipe::find_builtin(builtin.name), &builtin);
    std::string row = "| `" + std::string(builtin.help);
    row.insert(row.find(')') + 1, "`");
    EXPECT_NE(page.find(row + " |"), std::string::npos) << "docs/recipes.md lacks: " << row;
  }
}

}  // namespace
}  // namespace switchyard
