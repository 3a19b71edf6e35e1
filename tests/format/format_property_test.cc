// For random documents: formatting keeps the meaning and the comments, and formatting twice is
// formatting once.
#include <gtest/gtest.h>

#include <random>

#include "engine/error.h"
#include "engine/format/format.h"
#include "engine/rule_files.h"
#include "engine/yaml.h"
#include "messy_yaml.h"

namespace switchyard {
namespace {

std::string format(const std::string& text) { return format_rules(text, "messy.yaml"); }

// How many characters '#' there are: comments have one each in these documents, other text keeps
// its own.
std::ptrdiff_t hashes(const std::string& text) { return std::count(text.begin(), text.end(), '#'); }

TEST(FormatProperty, RandomDocuments) {
  int tried = 0, invalid = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    std::mt19937 random(seed);
    const std::string text = messy_yaml(random);
    YamlNode before;
    try {
      before = parse_yaml(text, "messy.yaml");
    } catch (const Error&) {
      ++invalid;  // the writer goes beyond what the parser takes
      continue;
    }
    ++tried;
    std::string once;
    ASSERT_NO_THROW(once = format(text)) << "seed " << seed << "\n" << text;
    EXPECT_EQ(parse_yaml(once, "once.yaml").value(), before.value()) << "seed " << seed << "\n"
                                                                     << text << "\n=>\n"
                                                                     << once;
    EXPECT_EQ(hashes(once), hashes(text)) << "seed " << seed << "\n" << text << "\n=>\n" << once;
    ASSERT_EQ(format(once), once) << "seed " << seed << "\n" << text;
    if (HasFailure()) return;
  }
  EXPECT_GT(tried, 1000) << invalid << " documents were no YAML";
}

// Every way to damage a text must be refused or harmless: never a crash, never another meaning.
TEST(FormatProperty, DamagedDocuments) {
  int formatted = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    std::mt19937 random(seed);
    std::string text = messy_yaml(random);
    const std::string_view bytes = "#:-{}[],&*!|>'\"\n \t%@`?x\r";
    for (int i = 0; i < 3 && !text.empty(); ++i) {
      const std::size_t at = random() % text.size();
      text[at] = bytes[random() % bytes.size()];
    }
    try {
      const std::string once = format(text);
      ++formatted;
      ASSERT_EQ(format(once), once) << "seed " << seed << "\n" << text;
    } catch (const Error& fault) {
      EXPECT_EQ(fault.kind(), ErrorKind::kUsage);
    }
  }
  EXPECT_GT(formatted, 100);
}

TEST(FormatProperty, ShippedFiles) {
  for (const char* folder : {"/rules", "/examples/overlays"}) {
    const std::string path = std::string(SWITCHYARD_SOURCE_DIR) + folder;
    for (const RuleFile& file : read_rule_directory(path, path)) {
      if (file.relative.starts_with("knowledge/")) continue;  // the ctest rules_are_formatted
      const std::string once = format_rules(*file.text, file.name);
      EXPECT_EQ(format_rules(once, file.name), once) << file.name;
    }
  }
}

}  // namespace
}  // namespace switchyard
