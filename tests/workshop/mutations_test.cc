// Every seeded fault in a copy of the shipped rules is caught, at the right line of the right file.
#include "tests/workshop/mutations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/parse_cache.h"
#include "stages/workshop/check.h"
#include "stages/workshop/golden/golden.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// Named in failures as "FILE:LINE".
struct Expected {
  std::string file;
  int line = 0;  // 0: any
};

// One copy of the shipped rules for all: parsing them anew for every fault would take nine tenths
// of the time.
class Mutations : public ::testing::TestWithParam<Mutation> {
 protected:
  struct Copy {
    TemporaryDirectory folder;
    KeepParsedDocuments kept;
  };
  static void SetUpTestSuite() {
    copy = new Copy;
    fs::copy(source_directory() / "rules", copy->folder.path() / "rules",
             fs::copy_options::recursive);
  }
  static void TearDownTestSuite() {
    delete copy;
    copy = nullptr;
  }

  void TearDown() override {
    if (!original.empty()) folder.write(name, original);
    std::error_code none;
    fs::remove_all(folder.path() / "overlay", none);
  }

  // The copy with the fault in it, or an overlay beside it.
  RuleBookOptions seed(const Mutation& mutation) {
    RuleBookOptions options;
    options.base = folder.path() / "rules";
    if (mutation.was[0] == '\0') {
      fs::create_directories(folder.path() / "overlay");
      name = std::string("overlay/") + mutation.file;
      folder.write(name, mutation.now);
      options.overlays = {folder.path() / "overlay"};
      return options;
    }
    name = std::string("rules/") + mutation.file;
    original = folder.read(name);
    std::string text = original;
    seeded_at = text.find(mutation.was);
    EXPECT_NE(seeded_at, std::string::npos) << mutation.was << " is not in " << mutation.file;
    if (seeded_at == std::string::npos) return options;
    text.replace(seeded_at, std::string_view(mutation.was).size(), mutation.now);
    folder.write(name, text);
    return options;
  }

  Expected expected(const Mutation& mutation) const {
    const std::string file = mutation.in != nullptr ? std::string("rules/") + mutation.in : name;
    Expected place{(folder.path() / file).string(), 0};
    if (mutation.at[0] == '\0') return place;
    const std::string text = folder.read(file);
    std::size_t at =
        mutation.in != nullptr ? text.find(mutation.at) : text.find(mutation.at, seeded_at);
    // What names a whole rule stands before the replacement.
    if (at == std::string::npos) at = text.rfind(mutation.at, seeded_at);
    EXPECT_NE(at, std::string::npos) << mutation.at << " is not in " << file;
    if (at != std::string::npos) {
      place.line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + at, '\n'));
    }
    return place;
  }

  static bool is_at(const Place& place, const Expected& wanted) {
    return place.file == wanted.file && (wanted.line == 0 || place.line == wanted.line);
  }

  static inline Copy* copy = nullptr;
  TemporaryDirectory& folder = copy->folder;
  std::string name;      // of the file with the fault, below the folder
  std::string original;  // its text; empty: it is an overlay's
  std::size_t seeded_at = 0;
};

TEST_P(Mutations, IsCaughtInItsPlace) {
  const Mutation& mutation = GetParam();
  const RuleBookOptions options = seed(mutation);
  const Expected wanted = expected(mutation);
  const Problems problems = check_everything({.rules = options, .all_gaps = true});
  std::string found;
  bool caught = false;
  if (mutation.by == CaughtBy::kTest) {
    EXPECT_FALSE(has_errors(problems)) << problems.front().str();
    const auto rules = RuleBook::load(options);
    const GoldenReport report = run_golden(*rules, source_directory() / "tests/golden/rules");
    for (const GoldenResult& result : report.cases) {
      for (const GoldenDifference& difference : result.differences) {
        found += difference.str() + "\n";
        for (const auto& rule : {difference.before, difference.after}) {
          if (!rule) continue;
          found += "  " + rule->decision + "/" + rule->id + " " + rule->place.str() + "\n";
          const bool here =
              is_at(rule->place, wanted) || (wanted.line == 0 && !rule->place.known());
          caught = caught || (rule->id == mutation.what && here);
        }
      }
    }
  } else {
    const auto severity =
        mutation.by == CaughtBy::kCheck ? Problem::Severity::kError : Problem::Severity::kWarning;
    for (const Problem& problem : problems) {
      if (problem.kind == "gap" && problem.place.file != wanted.file) continue;
      found += problem.str() + "\n";
      caught = caught || (problem.severity == severity && is_at(problem.place, wanted) &&
                          problem.str().find(mutation.what) != std::string::npos);
    }
  }
  EXPECT_TRUE(caught) << "not found at " << wanted.file << ":" << wanted.line << " with \""
                      << mutation.what << "\", but\n"
                      << found.substr(0, 4000);
}

INSTANTIATE_TEST_SUITE_P(Shipped, Mutations, ::testing::ValuesIn(mutations()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(MutationSuite, HasAtLeastFortyFaults) { EXPECT_GE(mutations().size(), 40u); }

}  // namespace
}  // namespace switchyard
