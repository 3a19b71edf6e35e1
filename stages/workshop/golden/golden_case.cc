#include "stages/workshop/golden/golden_case.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/output_file.h"
#include "engine/text.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    throw Error(ErrorKind::kModel, {file.generic_string()}, "this golden file can't be read",
                "Look whether it may be read, or take it out of the directory");
  }
  return std::move(text).str();
}

// The value under `key`; nothing when it is not there or null.
const Value* given(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

GoldenCase parse_case(const std::string& line, const std::string& file, std::size_t number) {
  const Place place{file, static_cast<int>(number)};
  const auto fail = [&](std::string what, std::string mend) {
    throw Error(ErrorKind::kUsage, place, std::move(what), std::move(mend));
  };
  GoldenCase golden;
  golden.file = file;
  golden.line = number;
  try {
    golden.written = parse_json(line, file);
  } catch (const Error& error) {
    Place at = place;
    at.column = error.place().column;
    throw Error(ErrorKind::kUsage, at, error.message(), error.mend());
  }
  const Value& map = golden.written;
  if (!map.is_map())
    fail("a golden case is an object", "Write {\"name\": ..., \"request\": {...}}");
  const Value* name = given(map, "name");
  golden.name = name != nullptr && name->is_string() ? name->as_string() : "unnamed";
  if (const Value* expect = map.find("expect")) golden.expect = *expect;

  const Value* request = given(map, "request");
  const Value* decision = given(map, "decision");
  const Value* facts = given(map, "facts");
  if (request != nullptr && (decision != nullptr || facts != nullptr)) {
    fail("a golden case has either a request, or a decision and facts", "Make it two cases");
  }
  if (request == nullptr && decision == nullptr) {
    fail("a golden case needs a request, or a decision and facts",
         "Write {\"name\": ..., \"request\": {\"config\": {...}}}, or {\"name\": ..., "
         "\"decision\": ..., \"facts\": {...}}");
  }
  if (request != nullptr) {
    if (!request->is_map()) fail("the request of a golden case is an object", {});
    golden.request = *request;
    // What has no outcome has an error: null says nothing of a request.
    if (golden.expect && golden.expect->is_null()) golden.expect.reset();
    return golden;
  }
  if (!decision->is_string()) fail("the decision of a golden case is a name", {});
  if (facts != nullptr && !facts->is_map()) {
    fail("the facts of a golden case are an object", "Write {\"facts\": {FACT: VALUE}}");
  }
  golden.decision = decision->as_string();
  golden.facts = facts != nullptr ? *facts : Value(Map{});
  return golden;
}

}  // namespace

std::vector<fs::path> golden_files(const fs::path& directory) {
  std::error_code error;
  if (fs::is_regular_file(directory, error)) return {directory};
  std::vector<fs::path> files;
  auto entry = fs::recursive_directory_iterator(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (is_hidden(entry->path())) {
      if (entry->is_directory()) entry.disable_recursion_pending();
      continue;
    }
    if (entry->path().extension() == ".jsonl" && entry->is_regular_file()) {
      files.push_back(entry->path());
    }
  }
  if (error) {
    throw Error(ErrorKind::kUsage, {directory.generic_string()}, "this directory can't be read",
                "Name a directory of golden files");
  }
  if (files.empty()) {
    throw Error(ErrorKind::kUsage, {directory.generic_string()}, "there is no golden file here",
                "A golden file is NAME.jsonl, one case a line");
  }
  std::ranges::sort(files);
  return files;
}

GoldenFile read_golden_file(const fs::path& path) {
  GoldenFile file;
  file.path = path;
  std::istringstream text(read(path));
  std::string line;
  while (std::getline(text, line)) {
    file.lines.push_back(line);
    if (trim(line).empty()) continue;
    file.cases.push_back(parse_case(line, path.generic_string(), file.lines.size()));
  }
  return file;
}

std::string updated_line(const GoldenCase& golden, const Value& expect) {
  Map map = golden.written.as_map();
  map.set("expect", expect);
  return Value(std::move(map)).to_json();
}

void write_golden_file(const GoldenFile& file) {
  std::string text;
  for (const std::string& line : file.lines) text += line + '\n';
  write_file_atomically(file.path, text);
}

}  // namespace switchyard
