// `recipe check` on recipes with one thing wrong: what it says, and where.
#include "stages/export/recipe/static/static_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/error.h"
#include "tests/recipes/support.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kGood = R"(recipe: tiny
use: [linear, norm, activation]
variants:
  key: config.kind
  defaults: {act: relu, block: plain}
  rows:
    small: {}
    large: {like: small, act: gelu, wide: true}
let:
  eps: config.eps ?? 1e-5
inputs:
  x: {dtype: float32, dims: [batch_size, 4]}
blocks:
  layer(x, act='gelu', scale=1.0):
    - h = layer_norm(x, eps=eps) @ norm
    - h = activation(linear(h) @ dense, act)
    - return Add(x, h * scale)
  plain(x):
    - return x, Relu(x)
graph:
  - for: i in range(count(layer.*))
    do:
      - if: i > 0
        then: ['y = Add(previous, x)']
        else: [y = x]
      - x = layer(y, act=variant.act) @ layer.{i}
      - previous = x
  - a, b = plain(x)
  - names = [n for n in ['p', 'q'] if variant.wide ?? false]
  - kept, rest = Split(x, [2, 2], axis=1)
  - z = Concat([kept, rest], axis=-1)
heads:
  feature-extraction:
    do:
      - z = Cast(variant.block(z)[0], to='float32')
      - z = z if exists($pooler.weight) and len(names) > 0 else Mul(a, b)
    outputs: {last_hidden_state: z}
    axes: {last_hidden_state: {0: batch_size}}
  image-classification:
    like: feature-extraction
parts:
  decoder:
    inputs: {ids: {dtype: int64, dims: [batch_size]}}
    do: ['w = Gather($words.weight, ids)']
    outputs: {logits: w}
)";

Problems check(const std::string& text, bool library = false) {
  Problems problems;
  recipe::check_source(recipes_test::shipped_rules(), {text, "tiny.yaml"}, library, problems);
  sort_problems(problems);
  return problems;
}

std::string listing(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.str() + "\n";
  return text;
}

// "tiny.yaml:3:5" of where `snippet` begins.
std::string place_of(const std::string& text, const std::string& snippet) {
  const std::size_t at = text.find(snippet);
  if (at == text.npos) return "no '" + snippet + "'";
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
  const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return "tiny.yaml:" + std::to_string(line) + ":" + std::to_string(at - begin + 1);
}

struct Mutation {
  const char* name;
  const char* find;
  const char* replace;
  const char* at;    // where the fault is to be shown, in the changed text
  const char* what;  // of its message
};

class Mutated : public testing::TestWithParam<Mutation> {};

TEST_P(Mutated, IsFoundAtItsPlace) {
  const Mutation& mutation = GetParam();
  std::string text = kGood;
  const std::size_t at = text.find(mutation.find);
  ASSERT_NE(at, text.npos);
  text.replace(at, std::string(mutation.find).size(), mutation.replace);
  const Problems problems = check(text);
  ASSERT_EQ(problems.size(), 1u) << listing(problems);
  EXPECT_EQ(problems[0].place.str(), place_of(text, mutation.at)) << listing(problems);
  EXPECT_THAT(problems[0].str(), HasSubstr(mutation.what));
}

const Mutation kMutations[] = {
    {"UnknownName", "h * scale", "h * scal", "scal)", "no name 'scal' here. Did you mean scale"},
    {"UnknownBlock", "= layer(y", "= layr(y", "layr(y",
     "no block or function 'layr'. Did you mean layer"},
    {"UnknownOperator", "Relu(x)", "Rleu(x)", "Rleu(x)", "no operator 'Rleu'. Did you mean Relu"},
    {"UnknownBuiltin", "len(names)", "lenn(names)", "lenn(names)", "Did you mean len"},
    {"BlocksParameter", "act=variant.act", "atc=variant.act",
     "atc=", "no parameter 'atc'. Did you mean act"},
    {"TooManyArguments", "layer(y, act=variant.act)", "layer(y, variant.act, 2.0, 3)", "3)",
     "more arguments than the block has parameters"},
    {"ArgumentTwice", "layer(y, act=variant.act)", "layer(y, x=y, act=variant.act)", "x=y",
     "'x' is given twice"},
    {"MissingArgument", "layer(y, act=variant.act)", "layer(act=variant.act)", "layer(act",
     "block 'layer' needs 'x'"},
    {"LibrarysParameter", "layer_norm(x, eps=eps)", "layer_norm(x, epsilon=eps)",
     "epsilon=", "block 'layer_norm': there is no parameter 'epsilon'"},
    {"ResultsOfABlock", "a, b = plain(x)", "a, b, c = plain(x)", "plain(x)\n  - names",
     "3 names take what block 'plain' returns: 2 values"},
    {"BuiltinsArguments", "len(names)", "len(names, 1)", "len(names, 1)",
     "len does not take 2 arguments"},
    {"NamedForBuiltin", "range(count(layer.*))", "range(stop=3)", "stop=3",
     "range takes no named arguments"},
    {"OperatorsAttribute", "axis=-1", "axsi=-1",
     "axsi=", "Concat: has no input or attribute 'axsi'"},
    {"AttributesType", "to='float32'", "to='float23'", "to='float23'",
     "attribute 'to' must be an integer or a type's name"},
    {"ListForInteger", "axis=-1", "axis=[-1]", "axis=[-1]", "attribute 'axis' must be an integer"},
    {"MissingAttribute", ", to='float32'", "", "Cast(", "Cast: needs the attribute 'to'"},
    {"MissingInput", "Gather($words.weight, ids)", "Gather($words.weight)", "Gather(",
     "Gather: needs 2 inputs, 'indices' is missing"},
    {"TooManyInputs", "Relu(x)", "Relu(x, x)", "x)\ngraph", "Relu: takes at most 1 inputs"},
    {"NullInput", "Mul(a, b)", "Mul(a, null)", "null)", "Mul: input 'B' can't be left out"},
    {"TooManyOutputs", "[y = x]", "['y, k = Relu(x)']", "Relu(x)']",
     "Relu: has 1 outputs, 2 are taken"},
    {"VariantsField", "act=variant.act", "act=variant.atc", ".atc", "have 'atc'. Did you mean act"},
    {"LikeNoRow", "like: small", "like: smal", "smal,",
     "no row 'smal' to be like. Did you mean small"},
    {"LikeNoHead", "like: feature-extraction", "like: feature-extractoin", "feature-extractoin",
     "no head 'feature-extractoin' to be like"},
    {"ReturnInGraph", "- names =", "- return x\n  - names =", "return x\n  - names",
     "'return' stands outside a block"},
    {"Axes", "axes: {last_hidden_state:", "axes: {last_hidden_stat:", "feature-extraction:",
     "'axes' names 'last_hidden_stat', which is no output"},
    {"InputsDtype", "dtype: float32", "dtype: float23", "x: {dtype", "unknown dtype 'float23'"},
    {"PartSeesNoTrunk", "w = Gather($words.weight, ids)", "w = Gather($words.weight, z)", "z)']",
     "there is no name 'z' here"},
    {"UnknownKey", "let:", "lett:", "lett:", "unknown key 'lett'. Did you mean let"},
    {"Syntax", "h * scale)", "h * )", ")\n  plain", "expected a value"},
    {"UnusedBlock", "  plain(x):", "  spare(x):\n    - return x\n  plain(x):", "spare(x)",
     "warning: [tiny: spare] nothing calls block 'spare'"},
    {"UnreadField", "wide: true", "wide: true, wdie: 1",
     "large:", "gives 'wdie', which nothing reads"},
    {"Submodel", "[y = x]", "['y = submodel(config.a, x=x)']", "submodel(",
     "submodel takes a configuration"},
    {"Exists", "exists($pooler.weight)", "exists()", "exists()", "exists takes one tensor"},
    {"Library", "use: [linear, norm,", "use: [linear, normm, norm,", "normm",
     "no block library 'normm'"},
};

INSTANTIATE_TEST_SUITE_P(StaticCheck, Mutated, testing::ValuesIn(kMutations),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(StaticCheck, FindsNothingWrongWithAGoodRecipe) {
  EXPECT_THAT(check(kGood), IsEmpty()) << listing(check(kGood));
}

TEST(StaticCheck, TellsAllFaultsAtOnce) {
  std::string text = kGood;
  for (const auto& [find, replace] :
       std::vector<std::pair<std::string, std::string>>{{"h * scale)", "h * )"},
                                                        {"Relu(x)", "Rleu(x)"},
                                                        {"like: small", "like: smal"},
                                                        {"to='float32'", "ot='float32'"}}) {
    text.replace(text.find(find), find.size(), replace);
  }
  EXPECT_EQ(check(text).size(), 4u) << listing(check(text));
}

TEST(StaticCheck, ChecksALibraryByItself) {
  const Problems problems =
      check("blocks_library: mine\nblocks:\n  f(x):\n    - return Add(x, y)\n", true);
  ASSERT_EQ(problems.size(), 1u) << listing(problems);
  EXPECT_EQ(problems[0].place.str(), "tiny.yaml:4:21");
}

// What is wrong with them would stop every export; the shipped ones have no warnings either.
TEST(StaticCheck, ShippedRecipesAreClean) {
  const Problems problems = recipe::check_sources(recipes_test::shipped_rules(), {});
  EXPECT_THAT(problems, IsEmpty()) << listing(problems);
}

TEST(StaticCheck, TakesNamesAndFiles) {
  const RuleBook& rules = recipes_test::shipped_rules();
  EXPECT_THAT(recipe::check_sources(rules, {"vit", "linear"}), IsEmpty());
  TemporaryDirectory directory;
  write_text(directory / "own.yaml", "recipe: own\ninputs: {}\nheads: {}\n");
  const Problems problems = recipe::check_sources(rules, {(directory / "own.yaml").string()});
  ASSERT_EQ(problems.size(), 1u) << listing(problems);
  EXPECT_THAT(problems[0].what, HasSubstr("a recipe needs 'heads'"));
  try {
    recipe::check_sources(rules, {"vti"});
    FAIL() << "nothing has that name";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("no recipe, block library or file 'vti'"));
  }
}

}  // namespace
}  // namespace switchyard
