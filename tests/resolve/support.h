// What the tests of the resolution share.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

std::filesystem::path source_directory();
// The rules compiled into the test program.
const RuleBook& shipped_rules();
// The rules as they stand in the source tree.
const RuleBook& rules_of_the_tree();

// JSON written in a test.
Value json(std::string_view text);
// A request in the format of `inspect --jsonl`.
Resolution resolve_json(const RuleBook& rules, std::string_view request);
// The message of the error that the request gives; empty when it gives none.
std::string error_of(const RuleBook& rules, std::string_view request);
// The decision of that name; fails the test when there is none.
Decision decision(const Resolution& resolution, std::string_view name);

// The lines of a file of JSON objects.
std::vector<Value> json_lines(const std::filesystem::path& file);

// A directory that is removed with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace switchyard
