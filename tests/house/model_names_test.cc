// No model_type, architecture class or timm architecture stands in C++: adding or correcting a
// model is editing YAML. Whole string literals are compared with the knowledge tables' keys.
#include <gtest/gtest.h>

#include <set>

#include "engine/rule_book.h"
#include "tests/house/source_files.h"

namespace switchyard::house {
namespace {

// Model types that are ordinary words elsewhere, with what they mean in our sources.
const std::set<std::string> kOtherMeanings = {
    "clip",   // the ONNX operator's and image libraries' verb
    "bit",    // a unit
    "opt",    // short for options
    "led",    // English
    "timm",   // a library, not a model type of its own
};

TEST(ModelNames, LiteralScannerSeesStringsOnly) {
  const auto found = string_literals(
      "// \"comment\"\nauto a = \"one\"; /* \"two\" */ char c = '\"'; f(\"th\\\"ree\", R\"(raw)\");");
  EXPECT_EQ(found, (std::vector<std::string>{"one", "th\"ree", "raw"}));
}

TEST(ModelNames, NoneInProductionSources) {
  const auto book =
      RuleBook::load({.base = std::filesystem::path(SWITCHYARD_SOURCE_DIR) / "rules"});
  std::set<std::string> names;
  for (const char* table : {"model_types", "architectures", "timm_architectures"}) {
    ASSERT_TRUE(book->has_knowledge(table)) << table;
    for (const std::string& key : book->keys(table)) names.insert(key);
  }
  ASSERT_GT(names.size(), 3000u);
  for (const auto& file : production_sources()) {
    for (const auto& literal : string_literals(file.text)) {
      if (kOtherMeanings.contains(literal)) continue;
      EXPECT_FALSE(names.contains(literal)) << file.path << " names the model \"" << literal << '"';
    }
  }
}

}  // namespace
}  // namespace switchyard::house
