// The fuzz target for rule files: text of anyone's making goes through everything that reads rule
// files, and what comes of it decides a few facts. Nothing but Error may be thrown.
//
// With clang and the CMake preset `fuzz` this is a libFuzzer target; the tests run it over
// tests/fuzz/rule_files (see rule_files_test.cc).
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/faults.h"
#include "engine/rule_book.h"
#include "engine/rule_catalog.h"
#include "engine/rule_check.h"
#include "engine/rule_files.h"

namespace switchyard {
namespace {

// What conditions may find, of every kind.
std::vector<Facts> some_facts() {
  std::vector<Facts> all(3);
  all[1].set("model_type", "bert");
  all[1].set("x", 3);
  all[1].set("y", nullptr);
  all[2].set("model_type", "SAM-2");
  all[2].set("x", List{"a", 1, 2.5, true, nullptr, Map{{"k", "v"}}});
  all[2].set("y", "some text, neither long nor short");
  all[2].set("config", Map{{"a", Map{{"b", List{1, 2, 3}}}}, {"n", 1e300}, {"s", ""}});
  return all;
}

void split_and_parse(const std::string& text) {
  const RuleFile file{"fuzz.yaml", "fuzz.yaml", std::make_shared<const std::string>(text)};
  Faults faults;
  for (const RuleDocument& document : split_documents(file, &faults)) {
    try {
      document.parse().value().to_json();
    } catch (const Error&) {  // what a person must mend
    }
  }
}

void ask_everything(const RuleBook& book) {
  static const std::vector<Facts> kFacts = some_facts();
  for (const std::string_view decision : book.decisions()) {
    for (const Facts& facts : kFacts) {
      try {
        Explanation explanation;
        if (const auto outcome = book.decide(decision, facts)) outcome->outputs.to_json();
        book.collect(decision, facts, &explanation);
      } catch (const Error&) {  // of `unique` two hold, a lookup in a table that is not there
      }
    }
  }
  for (const std::string_view table : book.catalog().table_names()) {
    for (const std::string& key : book.keys(table)) book.lookup(table, key);
  }
  for (const std::string& recipe : book.recipes()) book.recipe(recipe);
  book.digest();
}

}  // namespace
}  // namespace switchyard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace switchyard;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    split_and_parse(text);
  } catch (const Error&) {
  }
  try {
    ask_everything(*RuleBook::from_texts({{"fuzz.yaml", text}}));
  } catch (const Error&) {
  }
  try {
    check_rules(std::vector<RuleTexts>{{{"fuzz.yaml", text}}});
  } catch (const Error&) {
  }
  return 0;
}
