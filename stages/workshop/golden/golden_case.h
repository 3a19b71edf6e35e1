// Golden files as they are read and written: cases, one a line.
//
// A case asks the whole chain or one decision table:
//
//   {"name": "bert, masked head", "request": {"config": {...}, "model_id": ..., "options": {...},
//    "hub": {...}}, "expect": {"task": ..., ..., "rules": {"task": "head/architecture", ...}}}
//   {"name": "a wrapped name", "decision": "weights", "facts": {"checkpoint.common_prefix":
//   "module"},
//    "expect": {"rule": ID, "outputs": {...}, "warnings": [...]}}
//
// The request is what `inspect --jsonl` reads; `expect` is the outcome beside the id of the rule
// that gave each decision, or {"error": "..."}. Of a single table `expect` is what the rule that
// won says, null where none holds, and a list of these where the table collects. A case without
// `expect` is new: updating fills it in.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"

namespace switchyard {

struct GoldenCase {
  std::string file;      // as shown in messages
  std::size_t line = 0;  // from 1
  std::string name;      // "unnamed" where the case has none
  std::optional<Value> expect;

  Value request;         // of a case for the chain; null otherwise
  std::string decision;  // of a case for one table; empty otherwise
  Value facts;           // name -> value

  Value written;  // the whole line
};

struct GoldenFile {
  std::filesystem::path path;
  std::vector<std::string> lines;  // as they stand, without line ends
  std::vector<GoldenCase> cases;
};

// Every *.jsonl file below `directory`, by path; hidden files and folders are left out. A file
// stands for itself. Throws Error(kUsage): no such directory, no golden file.
std::vector<std::filesystem::path> golden_files(const std::filesystem::path& directory);

// Throws Error(kUsage) with file and line for what is no case, Error(kModel) for a file that can't
// be read.
GoldenFile read_golden_file(const std::filesystem::path& path);

// The line of a case with another `expect`, the other keys as they were and in their order.
std::string updated_line(const GoldenCase& golden, const Value& expect);

// Replaces the file by its `lines`. Throws Error(kModel); the old file is whole then.
void write_golden_file(const GoldenFile& file);

}  // namespace switchyard
