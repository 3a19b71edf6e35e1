// What the parsers make of rule files, as JSON, for schema_test.py.
//
//   schema_probe words             {"rule": [...], ...}: the keys and words that the parsers know
//   schema_probe dump FILE...      a line for each document: {"file", "line", "kind", "value"}
//   schema_probe verdict           reads {"text": YAML} a line, answers {"error": null or TEXT,
//                                  "value": the document}
//   schema_probe configuration     the same of build configurations, without the value
//   schema_probe configure         reads requests as `inspect --jsonl` does, answers {"refused": why
//                                  there is no configuration, "value": the configuration, "error":
//                                  why it can't be read, "again": what is written of what was read}
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/condition.h"
#include "engine/error.h"
#include "engine/faults.h"
#include "engine/json.h"
#include "engine/knowledge.h"
#include "engine/output.h"
#include "engine/rule.h"
#include "engine/rule_files.h"
#include "stages/build/build_configuration.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/recipe/statements.h"
#include "stages/resolve/requests.h"

namespace switchyard {
namespace {

Value list(const std::vector<std::string>& words) { return List(words.begin(), words.end()); }

Value words() {
  List statements;
  for (const auto& keys : recipe::statement_keys()) statements.push_back(list(keys));
  return Map{
      {"decision", list(decision_keys())},     {"rule", list(rule_keys())},
      {"hit_policy", list(hit_policies())},    {"declaration", list(declaration_keys())},
      {"keys_of", list(keys_of_keys())},       {"operators", list(condition_operators())},
      {"forms", list(output_forms())},         {"lookup", list(lookup_keys())},
      {"warning", list(warning_keys())},       {"knowledge", list(knowledge_keys())},
      {"recipe", list(recipe::recipe_keys())}, {"blocks_library", list(recipe::library_keys())},
      {"input", list(recipe::input_keys())},   {"variants", list(recipe::variants_keys())},
      {"head", list(recipe::head_keys())},     {"part", list(recipe::part_keys())},
      {"statements", statements}};
}

void dump(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  auto text = std::make_shared<const std::string>(std::istreambuf_iterator<char>(stream),
                                                  std::istreambuf_iterator<char>());
  for (const RuleDocument& document : split_documents({path, path, text})) {
    const Value line = Map{{"file", path},
                           {"line", document.first_line},
                           {"kind", kind_key(document.kind)},
                           {"value", document.parse().value()}};
    std::printf("%s\n", line.to_json().c_str());
  }
}

// What snippets may refer to.
constexpr const char* kBase =
    "knowledge: table\nrows: {a: 1}\n---\nblocks_library: lib\nblocks: {one(x): return x}\n";
// The blocks of a library are read where a recipe uses them.
constexpr const char* kUser =
    "recipe: user\nuse: [NAME]\ninputs: {x: {dtype: int64, dims: [1]}}\nheads: {t: {outputs: {y: "
    "x}}}\n";

void read_blocks(const RuleBook& book, const std::string& name) {
  const recipe::Recipe recipe = recipe::load_recipe(book, name);
  for (const auto& [signature, block] : recipe.blocks) block.statements();
}

void read_everything(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> files{{"base.yaml", kBase},
                                                         {"snippet.yaml", text}};
  const YamlNode root = parse_yaml(text, "snippet.yaml");
  if (const YamlNode* library = root.find("blocks_library"); library != nullptr) {
    std::string user = kUser;
    files.emplace_back("user.yaml", user.replace(user.find("NAME"), 4, library->text()));
  }
  const auto book = RuleBook::from_texts(files);
  for (const std::string& name : book->recipes()) read_blocks(*book, name);
}

Value verdict(const std::string& line) {
  const Value request = parse_json(line, "request");
  const std::string& text = request.find("text")->as_string();
  const Value value = parse_yaml(text, "snippet.yaml").value();
  try {
    read_everything(text);
    return Map{{"error", nullptr}, {"value", value}};
  } catch (const Error& error) {
    return Map{{"error", error.what()}, {"value", value}};
  }
}

Value faults_json(const Faults& faults) {
  if (faults.size() == 0) return {};
  return faults.list().front().error.what();
}

Value configuration_verdict(const std::string& line) {
  Faults faults;
  read_build_configuration(parse_json(line, "request").find("text")->as_string(), "build.json",
                           faults);
  return Map{{"error", faults_json(faults)}};
}

Value configure(const std::string& line) {
  static const auto rules = RuleBook::load();
  try {
    ResolveRequest request = read_request(parse_json(line, "request"));
    const Resolution resolution = resolve(*rules, request);
    ModelSource source;
    source.directory = "/models/x";
    source.config = request.config;
    source.model_id = request.model_id;
    const auto write = [&](const Resolution& decided, const BuildPlan& plan) {
      return build_configuration(*rules, &source, decided, plan, {}, "1", false);
    };
    const Value value = write(resolution, plan_build(resolution, {}));
    Faults faults;
    RecordedBuild recorded = read_build_configuration(value.to_json(2), "build.json", faults);
    for (const std::string& warning : replay_on(*rules, source, recorded)) {
      faults.add(Error(ErrorKind::kUsage, {}, warning));
    }
    return Map{{"refused", nullptr},
               {"value", value},
               {"error", faults_json(faults)},
               {"again", write(recorded.resolution, recorded.plan)}};
  } catch (const Error& error) {
    return Map{{"refused", error.what()}};
  }
}

void answer_lines(Value (*answer)(const std::string&)) {
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%s\n", answer(line).to_json().c_str());
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return 2;
  if (arguments[0] == "words") {
    std::printf("%s\n", words().to_json().c_str());
  } else if (arguments[0] == "dump") {
    for (std::size_t i = 1; i < arguments.size(); ++i) dump(arguments[i]);
  } else if (arguments[0] == "verdict") {
    answer_lines(verdict);
  } else if (arguments[0] == "configuration") {
    answer_lines(configuration_verdict);
  } else if (arguments[0] == "configure") {
    answer_lines(configure);
  } else {
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace switchyard

int main(int argc, char** argv) {
  try {
    return switchyard::run({argv + 1, argv + argc});
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "%s\n", fault.what());
    return 1;
  }
}
