#include "tests/resolve/support.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "engine/error.h"
#include "engine/json.h"
#include "stages/resolve/requests.h"

namespace switchyard {

namespace fs = std::filesystem;

fs::path source_directory() { return SWITCHYARD_SOURCE_DIR; }

const RuleBook& shipped_rules() {
  static const std::shared_ptr<const RuleBook> book = RuleBook::load();
  return *book;
}

const RuleBook& rules_of_the_tree() {
  static const std::shared_ptr<const RuleBook> book =
      RuleBook::load({.overlays = {}, .base = source_directory() / "rules"});
  return *book;
}

Value json(std::string_view text) { return parse_json(text, "test"); }

Resolution resolve_json(const RuleBook& rules, std::string_view request) {
  return resolve(rules, read_request(json(request)));
}

std::string error_of(const RuleBook& rules, std::string_view request) {
  try {
    resolve_json(rules, request);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

Decision decision(const Resolution& resolution, std::string_view name) {
  for (const Decision& decision : resolution.decisions) {
    if (decision.name == name) return decision;
  }
  ADD_FAILURE() << "no decision " << name;
  return {};
}

std::vector<Value> json_lines(const fs::path& file) {
  std::ifstream in(file);
  std::vector<Value> values;
  std::string line;
  while (std::getline(in, line)) values.push_back(parse_json(line, file.string()));
  return values;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (fs::temp_directory_path() / "switchyard-resolve-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TemporaryDirectory::write(const std::string& name, std::string_view text) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

std::string TemporaryDirectory::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
  return std::move(text).str();
}

}  // namespace switchyard
