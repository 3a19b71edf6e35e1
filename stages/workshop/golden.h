// Golden files: requests with the outcome that the rules gave when a person last looked.
//
// A golden file is NAME.jsonl, one case a line:
//
//   {"name": "bert, masked head", "request": {"config": {...}, "model_id": ..., "options": {...},
//    "hub": {...}}, "expect": {"task": ..., ..., "rules": {"task": "head/architecture", ...}}}
//
// The request is what `inspect --jsonl` reads. `expect` is the outcome beside the id of the rule
// that gave each decision, or {"error": "..."}. A new case is a line without `expect`; updating
// fills it in. A change of the rules shows as a diff of these files, to be committed with the rule.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

struct GoldenDifference {
  std::string file;
  std::size_t line = 0;
  std::string name;   // of the case
  std::string field;  // "task", "rules.task"
  Value expected;     // null: nothing was expected
  Value actual;

  // "text.jsonl:3: bert, masked head: task: expected "fill-mask", is "feature-extraction"".
  std::string str() const;
};

struct GoldenReport {
  std::size_t cases = 0;
  std::vector<GoldenDifference> differences;  // what was different, also when it was updated
  std::vector<std::filesystem::path> updated;
};

// The outcome of a request as golden files hold it. Never throws for a request that has no outcome.
Value golden_outcome(const RuleBook& rules, const Value& request);

// Compares every case of every *.jsonl file of `directory`, by file name. With `update`, files that
// differ are rewritten with the outcomes as they are now.
// Throws Error(kUsage): no such directory, no golden file, a line that is no case; Error(kModel): a
// file that can't be read or written.
GoldenReport run_golden(const RuleBook& rules, const std::filesystem::path& directory,
                        bool update = false);

}  // namespace switchyard
