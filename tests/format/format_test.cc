#include "engine/format/format.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace switchyard {
namespace {

struct Case {
  const char* name;
  const char* before;
  const char* after;
};

class Format : public testing::TestWithParam<Case> {};

TEST_P(Format, Text) {
  EXPECT_EQ(format_rules(GetParam().before, "test.yaml"), GetParam().after);
  EXPECT_EQ(format_rules(GetParam().after, "test.yaml"), GetParam().after) << "formatted twice";
}

const Case kCases[] = {
    {"Empty", "", ""},
    {"CommentsOnly", "\n\n# a\n\n\n# b", "# a\n\n# b\n"},
    {"Indentation", "a:\n      b: 1\n      c:\n       - x\n       -   y\n",
     "a:\n  b: 1\n  c:\n    - x\n    - y\n"},
    {"ListBelowItsKey", "a:\n- x\n- y\n", "a:\n  - x\n  - y\n"},
    {"MapsInLists", "a:\n -   b: 1\n     c: 2\n -\n   d: 3\n",
     "a:\n  - b: 1\n    c: 2\n  - d: 3\n"},
    {"ListsInLists", "-   - a\n    - b\n-  - c\n", "- - a\n  - b\n- - c\n"},
    {"Blanks", "a :   1   \nb:\t2\n", "a: 1\nb: 2\n"},
    {"EmptyLines", "\n\na: 1\n\n\n\nb:\n\n  c: 1\n\n\n", "a: 1\n\nb:\n  c: 1\n"},
    {"Flow", "a: {b: 1,c : [ 1,2 ,{ }],}\nd: [ ]\n", "a: {b: 1, c: [1, 2, {}]}\nd: []\n"},
    {"FlowOverLines", "a: [x,\n  y,\n\n  z\n]\n", "a: [x, y, z]\n"},
    {"PairInList", "a: [b: 1, c]\n", "a: [{b: 1}, c]\n"},
    {"KeysWithoutValues", "a: {b, c: }\nd:\ne: ~\n", "a: {b, c}\nd:\ne: ~\n"},
    {"Scalars", "a: 'it''s'\nb: \"x # y\"\nc: x#y\nd: 0x1F\ne: x = f(y)      @ scope\n",
     "a: 'it''s'\nb: \"x # y\"\nc: x#y\nd: 0x1F\ne: x = f(y)      @ scope\n"},
    {"LongPlain", "a: one\n      two\n\n      three\nb: 1\n", "a: one\n  two\n\n  three\nb: 1\n"},
    {"LongQuoted", "a: \"one   \n      two \\\n      three\"\n", "a: \"one\n  two \\\n  three\"\n"},
    {"BlockScalar", "a:\n   - |\n        x\n          y\n\n        # z\n\n   # comment\nb: 1\n",
     "a:\n  - |\n    x\n      y\n\n    # z\n\n  # comment\nb: 1\n"},
    {"BlockScalarWithDigit", "a: |4-\n      x\n    y\n", "a: |2-\n    x\n  y\n"},
    {"BlockScalarThatKeeps", "a: |+\n   x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"},
    {"Comments",
     "# head\n\na: 1 # one\n# b\n\n# b again\nb:   # of b\n      # first\n      c: 1\n# end\n",
     "# head\n\na: 1  # one\n# b\n\n# b again\nb:  # of b\n  # first\n  c: 1\n# end\n"},
    {"DeeperCommentsStay", "a:\n    b: 1\n    # still a\n# now c\nc: 1\n",
     "a:\n  b: 1\n  # still a\n# now c\nc: 1\n"},
    {"CommentsInColumns",
     "a: 1       # one\nlong: 2    # two\n           # more of it\nb: 3 # three\n",
     "a: 1     # one\nlong: 2  # two\n         # more of it\nb: 3  # three\n"},
    {"CommentsInFlow", "a: [x, # one\n  # two\n  y # three\n  # four\n  ]\n",
     "a: [x,  # one\n    # two\n    y  # three\n    # four\n    ]\n"},
    {"CommentBehindDash", "a:\n  - # one\n    b: 1\n", "a:\n  # one\n  - b: 1\n"},
    {"CommentBetweenKeyAndValue", "a: # one\n  x\n", "# one\na: x\n"},
    {"Anchors", "a:   &x {b: 1}\nc:  *x\nd: &y\n    e: 1\nf: [ *y , &z 1]\n",
     "a: &x {b: 1}\nc: *x\nd: &y\n  e: 1\nf: [*y, &z 1]\n"},
    {"AnchoredLines", "- &x one\n   two\n- a: &y one\n   two\n",
     "- &x one\n    two\n- a: &y one\n      two\n"},
    {"LineEnds", "a: 1\r\nb: |\r\n  x\r\n", "a: 1\nb: |\n  x\n"},
    {"ByteOrderMark",
     "\xef\xbb\xbf"
     "a: 1",
     "a: 1\n"},
    {"Documents", "---\na: 1\n--- # second\nb:   2\n---\n", "a: 1\n---\n# second\nb: 2\n"},
    {"RuleKeys",
     "decision: d\nrules:\n  # why\n  - then: {x: 1}   # out\n    # how much\n    priority: 3\n    "
     "zeta: 1\n    id: a\n"
     "  - {then: {x: 2}, id: b}\n",
     "decision: d\nrules:\n  # why\n  - id: a\n    # how much\n    priority: 3\n    then: {x: 1}  "
     "# out\n    zeta: 1\n"
     "  - {id: b, then: {x: 2}}\n"},
    {"DocumentKeys", "# head\nrules: []\n# the policy\nhit_policy: first\ndecision: d\n",
     "# head\ndecision: d\n# the policy\nhit_policy: first\nrules: []\n"},
    {"KeysOfOtherMapsStay",
     "recipe: r\ninputs:\n  x: {dims: [1], dtype: int64}\n  a: {dtype: int64, dims: [1]}\n",
     "recipe: r\ninputs:\n  x: {dims: [1], dtype: int64}\n  a: {dtype: int64, dims: [1]}\n"},
    {"AnchorsKeepTheOrder",
     "decision: d\nrules:\n  - {then: &x {y: 1}, id: a}\n  - {then: *x, id: b}\n",
     "decision: d\nrules:\n  - {then: &x {y: 1}, id: a}\n  - {then: *x, id: b}\n"},
};

INSTANTIATE_TEST_SUITE_P(Cases, Format, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

const char kLong[] =
    "[image-classification, image-feature-extraction, image-segmentation, semantic-segmentation, "
    "object-detection, depth-estimation, keypoint-detection]";

TEST(FormatWidth, LongFlowIsFilled) {
  const std::string broken =
      "decision: d\n"
      "rules:\n"
      "  - id: a\n"
      "    when: {x: [image-classification, image-feature-extraction, image-segmentation, "
      "semantic-segmentation, object-detection,\n"
      "               depth-estimation, keypoint-detection],\n"
      "           y: 1}\n";
  EXPECT_EQ(format_rules("decision: d\nrules:\n- {id: a,\n   when: {x: 1}}\n", "f"),
            "decision: d\nrules:\n  - {id: a, when: {x: 1}}\n");
  EXPECT_EQ(
      format_rules(std::string("decision: d\nrules:\n- id: a\n  when: {x: ") + kLong + ", y: 1}\n",
                   "f"),
      broken);
  EXPECT_EQ(format_rules(broken, "f"), broken);
}

TEST(FormatWidth, RowsOfTablesStayOnTheirLine) {
  for (const std::string& text :
       {std::string("knowledge: k\nrows:\n  a: {x: ") + kLong + "}\n",
        std::string("decision: d\nrules:\n  - {id: a, when: {x: ") + kLong + "}}\n"}) {
    EXPECT_EQ(format_rules(text, "f"), text);
  }
}

struct Refused {
  const char* name;
  const char* text;
  const char* place;
};

class FormatRefuses : public testing::TestWithParam<Refused> {};

TEST_P(FormatRefuses, WithAPlace) {
  try {
    const std::string text = format_rules(GetParam().text, "test.yaml");
    FAIL() << text;
  } catch (const Error& fault) {
    EXPECT_EQ(fault.kind(), ErrorKind::kUsage);
    EXPECT_EQ(fault.place().str(), GetParam().place) << fault.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, FormatRefuses,
    testing::Values(Refused{"NoYaml", "a: [1\nb: 2\n", "test.yaml:2:2"},
                    Refused{"SecondDocument", "a: 1\n---\nb: {\n", "test.yaml:4:1"},
                    Refused{"KeyTwice", "a: 1\na: 2\n", "test.yaml:2:1"},
                    Refused{"Directive", "%YAML 1.2\n---\na: 1\n", "test.yaml:1:1"},
                    Refused{"CarriageReturn", "a: 1\nb: x\ry\n", "test.yaml:2"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard
