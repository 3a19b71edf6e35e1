// The nodes that each recipe makes for one checkpoint, line by line.
// After a deliberate change: run with SWITCHYARD_UPDATE_GOLDEN=1 and commit the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/recipes/families.h"
#include "tests/recipes/node_repeats.h"

namespace switchyard::recipes_test {
namespace {

const std::string kFolder = std::string(SWITCHYARD_SOURCE_DIR) + "/tests/golden/recipes/";

bool updating() { return std::getenv("SWITCHYARD_UPDATE_GOLDEN") != nullptr; }

class GoldenNodes : public testing::TestWithParam<Family> {};

TEST_P(GoldenNodes, AreThoseInTheFile) {
  const WeightsFile file(GetParam().checkpoint);
  const std::string now =
      without_repeats(node_list(build_graph(shipped_rules(), GetParam().request, file.weights())));
  const std::string path = kFolder + GetParam().card + ".txt";
  if (updating()) std::ofstream(path, std::ios::binary) << now;
  const std::string expected = read_file(path);
  if (now == expected) return;
  std::istringstream a(expected), b(now);
  std::string was, is;
  for (int line = 1;; ++line) {
    was.clear();
    is.clear();
    const bool more = static_cast<bool>(std::getline(a, was)) | static_cast<bool>(std::getline(b, is));
    if (!more) break;
    if (was != is) {
      FAIL() << path << ":" << line << "\n  was: " << was << "\n  is:  " << is;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, GoldenNodes, testing::ValuesIn(families()),
                         [](const auto& info) { return test_name(info.param.recipe); });

TEST(GoldenNodeFiles, AreThoseOfTheFamilies) {
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string card = entry.path().stem().string();
    const bool known = std::any_of(families().begin(), families().end(),
                                   [&](const Family& family) { return family.card == card; });
    if (!known && updating()) std::filesystem::remove(entry.path());
    EXPECT_TRUE(known) << entry.path() << " belongs to no family";
  }
}

}  // namespace
}  // namespace switchyard::recipes_test
