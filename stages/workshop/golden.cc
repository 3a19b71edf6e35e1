#include "stages/resolve/golden.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/text.h"
#include "stages/resolve/requests.h"
#include "stages/resolve/resolve.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

Value outcome_of(const Resolution& resolution) {
  const auto optional = [](const std::optional<std::string>& text) {
    return text ? Value(*text) : Value();
  };
  Map map{{"task", resolution.task},
          {"optimum_task", resolution.optimum_task},
          {"model_class", resolution.model_class},
          {"source", resolution.source},
          {"library", resolution.library},
          {"composite", resolution.composite},
          {"model_type", resolution.model_type},
          {"onnx_config", optional(resolution.onnx_config)}};
  Map rules;
  for (const Decision& decision : resolution.decisions) {
    // What builds do is a decision of its own; the chain above is in the fields of the outcome.
    if (decision.value.is_map() && decision.name != "composite") {
      map.set(decision.name, decision.value);
    }
    rules.set(decision.name, decision.rule_id);
  }
  map.set("rules", std::move(rules));
  return map;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Error(ErrorKind::kModel, {file.string()}, "this golden file can't be read");
  return std::move(text).str();
}

// Beside the file first, so that an interrupted update leaves the old one.
void write(const fs::path& file, const std::string& text) {
  const fs::path beside = file.string() + ".tmp";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) {
      throw Error(ErrorKind::kModel, {file.string()}, "this golden file can't be written",
                  "Look whether the directory is writable and the disk has room");
    }
  }
  std::error_code error;
  fs::rename(beside, file, error);
  if (error) {
    fs::remove(beside, error);
    throw Error(ErrorKind::kModel, {file.string()}, "this golden file can't be replaced");
  }
}

std::vector<fs::path> golden_files(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  if (error) {
    throw Error(ErrorKind::kUsage, {directory.string()}, "this directory can't be read",
                "Name a directory of golden files");
  }
  if (files.empty()) {
    throw Error(ErrorKind::kUsage, {directory.string()}, "there is no golden file here",
                "A golden file is NAME.jsonl, one case a line");
  }
  std::ranges::sort(files);
  return files;
}

// What differs between two maps, one level deep and below "rules".
void compare(const Value& expected, const Value& actual, const std::string& prefix,
             const GoldenDifference& at, std::vector<GoldenDifference>& out) {
  const Map none;
  const Map& before = expected.is_map() ? expected.as_map() : none;
  const Map& now = actual.is_map() ? actual.as_map() : none;
  const auto differs = [&](const std::string& key, const Value& was, const Value& is) {
    if (was == is) return;
    if (key == "rules") {
      compare(was, is, "rules.", at, out);
      return;
    }
    GoldenDifference difference = at;
    difference.field = prefix + key;
    difference.expected = was;
    difference.actual = is;
    out.push_back(std::move(difference));
  };
  for (const auto& [key, value] : before) {
    const Value* is = now.find(key);
    differs(key, value, is != nullptr ? *is : Value());
  }
  for (const auto& [key, value] : now) {
    if (before.find(key) == nullptr) differs(key, Value(), value);
  }
}

// Runs one file; returns its text as it should be.
std::string run_file(const RuleBook& rules, const fs::path& file, GoldenReport& report) {
  const std::string text = read(file);
  std::string updated;
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (trim(line).empty()) continue;
    const Place place{file.string(), static_cast<int>(number)};
    Value golden;
    try {
      golden = parse_json(line, file.string());
    } catch (const Error& error) {
      throw Error(ErrorKind::kUsage, place, error.message(), error.mend());
    }
    const Value* request = golden.find("request");
    if (request == nullptr || !request->is_map()) {
      throw Error(ErrorKind::kUsage, place, "a golden case needs a request",
                  "Write {\"name\": ..., \"request\": {\"config\": {...}}}");
    }
    const Value* name = golden.find("name");
    GoldenDifference at;
    at.file = file.filename().string();
    at.line = number;
    at.name = name != nullptr && name->is_string() ? name->as_string() : "unnamed";
    const Value actual = golden_outcome(rules, *request);
    const Value* expected = golden.find("expect");
    compare(expected != nullptr ? *expected : Value(), actual, "", at, report.differences);
    ++report.cases;
    Map rewritten = golden.as_map();
    rewritten.set("expect", actual);
    updated += Value(std::move(rewritten)).to_json() + "\n";
  }
  return updated;
}

}  // namespace

std::string GoldenDifference::str() const {
  return file + ":" + std::to_string(line) + ": " + name + ": " + field + ": expected " +
         expected.to_json() + ", is " + actual.to_json();
}

Value golden_outcome(const RuleBook& rules, const Value& request) {
  try {
    return outcome_of(resolve(rules, read_request(request)));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage) throw;
    return Map{{"error", error.message()}};
  }
}

GoldenReport run_golden(const RuleBook& rules, const fs::path& directory, bool update) {
  GoldenReport report;
  for (const fs::path& file : golden_files(directory)) {
    const std::size_t before = report.differences.size();
    const std::string updated = run_file(rules, file, report);
    if (!update || report.differences.size() == before) continue;
    write(file, updated);
    report.updated.push_back(file);
  }
  return report;
}

}  // namespace switchyard
