// The table `facts` lists what the stages set: no more, no less.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "engine/error.h"
#include "stages/resolve/chain.h"
#include "stages/resolve/requests.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

std::set<std::string> listed() {
  const auto keys = shipped_rules().keys("facts");
  return {keys.begin(), keys.end()};
}

// Every fact of the requests that the golden files hold.
std::set<std::string> set_by_the_chain() {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(source_directory() / "tests/golden/rules")) {
    if (entry.path().extension() != ".jsonl") continue;
    for (const Value& golden : json_lines(entry.path())) {
      try {
        const ResolveRequest request = read_request(*golden.find("request"));
        Chain chain(shipped_rules(), request);
        chain.run(/*with_plan=*/true);
        for (const auto& [name, value] : chain.facts().all()) found.emplace(name);
      } catch (const Error&) {
      }
    }
  }
  return found;
}

// What the sources of a folder set by name.
std::set<std::string> set_in(const char* folder) {
  std::set<std::string> found;
  static const std::regex set(R"((?:facts|facts_|known)\.set\("([^"]+)\")");
  for (const auto& entry : fs::recursive_directory_iterator(source_directory() / folder)) {
    if (entry.path().extension() != ".cc") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator match(source.begin(), source.end(), set), end; match != end;
         ++match) {
      found.insert((*match)[1]);
    }
  }
  return found;
}

TEST(FactsTable, ListsWhatTheStagesSetAndNoMore) {
  std::set<std::string> found = set_by_the_chain();
  const std::set<std::string> weights = set_in("stages/export");
  EXPECT_TRUE(weights.contains("checkpoint.common_prefix"));
  found.insert(weights.begin(), weights.end());
  EXPECT_EQ(found, listed());
}

TEST(FactsTable, ListsWhatTheSourcesNameInAnyRequest) {
  for (const char* folder : {"stages/resolve", "stages/export"}) {
    for (const std::string& name : set_in(folder)) {
      EXPECT_TRUE(listed().contains(name)) << folder << " sets " << name;
    }
  }
}

// The fields of a class's row, so that a column below it can be checked.
TEST(FactsTable, FieldsOfAClassAreThoseOfItsRows) {
  const auto fact = shipped_rules().lookup("facts", "architecture");
  ASSERT_TRUE(fact);
  std::set<std::string> fields;
  for (const Value& field : fact->value.find("fields")->as_list()) fields.insert(field.as_string());
  for (const std::string& key : shipped_rules().keys("architectures")) {
    const auto row = shipped_rules().lookup("architectures", key);
    for (const auto& [name, value] : row->value.as_map()) {
      EXPECT_TRUE(fields.contains(name)) << key << " has " << name;
    }
  }
}

}  // namespace
}  // namespace switchyard
