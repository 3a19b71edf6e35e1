#include "engine/text.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(TextTest, FoldsCaseAndDashes) {
  EXPECT_EQ(fold("Sam2-Video"), "sam2_video");
  EXPECT_TRUE(folds_to("XLM-RoBERTa", "xlm_roberta"));
  EXPECT_FALSE(folds_to("sam", "sam2"));
}

TEST(TextTest, IEqualsTrims) {
  EXPECT_TRUE(iequals(" Prajjwal1/BERT-tiny\n", "prajjwal1/bert-tiny"));
  EXPECT_FALSE(iequals("a-b", "a_b"));
  EXPECT_TRUE(iequals("  ", ""));
}

TEST(TextTest, TellsUtf8) {
  const struct {
    const char* text;
    std::size_t length;
  } kCases[] = {{"", 0},
                {"a", 1},
                {"\xc3\xa9", 2},
                {"\xe2\x82\xac", 3},
                {"\xf0\x9f\x98\x80", 4},
                {"\xc0\x80", 0},
                {"\xed\xa0\x80", 0},
                {"\xf5\x80\x80\x80", 0},
                {"\xe2\x82", 0},
                {"\x80", 0}};
  for (const auto& [text, length] : kCases) EXPECT_EQ(utf8_length(text), length) << text;
}

TEST(TextTest, ShortensAtCharacters) {
  EXPECT_EQ(shorten("abc", 3), "abc");
  EXPECT_EQ(shorten("abcd", 3), "abc...");
  EXPECT_EQ(shorten("a\xc3\xa9z", 2), "a...");
}

TEST(TextTest, SuggestsNearNames) {
  EXPECT_EQ(did_you_mean("priorty", {"id", "priority", "when"}), "Did you mean priority?");
  EXPECT_EQ(did_you_mean("zzzzz", {"id", "priority", "when"}), "");
  EXPECT_EQ(join_names({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace switchyard
