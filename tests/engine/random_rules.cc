#include "tests/engine/random_rules.h"

#include <algorithm>
#include <regex>

namespace switchyard {

std::string RandomRules::scalar() {
  static const char* const kScalars[] = {"a", "b",     "c",    "A-b",  "a_B", "'1'", "1",
                                         "2", "'x y'", "true", "null", "''",  "1.5", "long"};
  return kScalars[below(std::size(kScalars))];
}

std::string RandomRules::condition(int depth) {
  switch (below(depth > 0 ? 16 : 12)) {
    case 0:
    case 1:
    case 2:
      return scalar();
    case 3: {
      std::string list = "[" + scalar();
      for (int i = below(4); i > 0; --i) list += ", " + scalar();
      return list + "]";
    }
    case 4:
      return below(2) == 0 ? "absent" : "present";
    case 5:
      return "{iequals: ' A-b'}";
    case 6:
      return "{folds_to: a_b}";
    case 7:
      return "{matches: '[ab].*'}";
    case 8:
      return "{lt: 2}";
    case 9:
      return "{longer_than: 1}";
    case 10:
      return "{contains: a}";
    case 11:
      return "{fact: y}";
    case 12:
      return "{not: " + condition(depth - 1) + "}";
    case 13:
      return "{any: [" + condition(depth - 1) + ", " + condition(depth - 1) + "]}";
    case 14:
      return "{all: [" + condition(depth - 1) + ", " + condition(depth - 1) + "]}";
    default:
      return "[" + condition(depth - 1) + ", " + scalar() + "]";
  }
}

std::string RandomRules::when(int depth) {
  static const char* const kColumns[] = {"x", "y", "z", "m.k"};
  std::string text;
  for (const char* column : kColumns) {
    if (below(2) == 0)
      text += (text.empty() ? "" : ", ") + std::string(column) + ": " + condition(2);
  }
  if (depth > 0 && below(4) == 0) {
    const char* const kind = below(2) == 0 ? "any" : "all";
    text += (text.empty() ? "" : ", ") + std::string(kind) + ": [" + when(depth - 1) + ", " +
            when(depth - 1) + "]";
  }
  if (depth > 0 && below(6) == 0) text += (text.empty() ? "" : ", ") + ("not: " + when(depth - 1));
  return "{" + text + "}";
}

std::string RandomRules::table(int rules, const std::string& hit_policy) {
  std::string text = "decision: d\nhit_policy: " + hit_policy + "\nrules:\n";
  for (int i = 0; i < rules; ++i) {
    text += "  - {id: r" + std::to_string(i) + ", priority: " + std::to_string(below(20)) +
            ", when: " + when(1) + ", then: {r: " + std::to_string(i) + "}}\n";
  }
  return text;
}

std::string RandomRules::facts() {
  static const char* const kValues[] = {"\"a\"", "\"b\"",      "\"c\"",      "\"A-b\"", "\"a_B\"",
                                        "\"1\"", "1",          "2",          "1.5",     "\"x y\"",
                                        "true",  "null",       "\"\"",       "[]",      "{}",
                                        "3",     "[\"a\", 1]", "{\"a\": 1}", "1.0"};
  std::string text;
  for (const char* name : {"x", "y", "z"}) {
    if (below(5) == 0) continue;
    text += (text.empty() ? "" : ", ") + ("\"" + std::string(name)) +
            "\": " + kValues[below(std::size(kValues))];
  }
  if (below(3) != 0) {
    text += (text.empty() ? "" : ", ") + std::string("\"m\": {\"k\": ") +
            kValues[below(std::size(kValues))] + "}";
  }
  return "{" + text + "}";
}

namespace {

std::string normal(const std::string& text, bool fold) {
  std::string result = text;
  if (!fold) {
    result.erase(0, result.find_first_not_of(" \t\r\n"));
    result.erase(result.find_last_not_of(" \t\r\n") + 1);
  }
  for (char& c : result) {
    c = static_cast<char>(std::tolower(c));
    if (fold && c == '-') c = '_';
  }
  return result;
}

int length(const Value& value) {
  if (value.is_string()) return static_cast<int>(value.as_string().size());
  if (value.is_list()) return static_cast<int>(value.as_list().size());
  return value.is_map() ? static_cast<int>(value.as_map().size()) : -1;
}

bool absent(const Value& value) { return value.is_null() || length(value) == 0; }

Value read(const Facts& facts, const std::string& path) {
  const Value* value = facts.find(path);
  return value != nullptr ? *value : Value();
}

bool naive_test(const YamlNode& condition, const Value& value, const Facts& facts) {
  const auto test = [&](const YamlNode& part) { return naive_test(part, value, facts); };
  if (condition.is_list()) {
    return std::any_of(condition.items().begin(), condition.items().end(), test);
  }
  if (condition.is_scalar()) {
    if (condition.value() == Value("absent")) return absent(value);
    if (condition.value() == Value("present")) return !absent(value);
    return value == condition.value();
  }
  const auto& [name, line, column, operand] = condition.entries().at(0);
  const bool text = value.is_string();
  if (name == "iequals") {
    return text && normal(value.as_string(), false) == normal(operand.text(), false);
  }
  if (name == "folds_to") {
    return text && normal(value.as_string(), true) == normal(operand.text(), true);
  }
  if (name == "matches") {
    return text && std::regex_match(value.as_string(), std::regex(operand.text()));
  }
  if (name == "lt") return value.is_number() && value.as_double() < operand.value().as_double();
  if (name == "longer_than") return length(value) > operand.value().as_int();
  if (name == "contains") {
    if (value.is_list()) {
      return std::count(value.as_list().begin(), value.as_list().end(), operand.value()) > 0;
    }
    if (value.is_map()) return value.find(operand.text()) != nullptr;
    return text && value.as_string().find(operand.text()) != std::string::npos;
  }
  if (name == "fact") return value == read(facts, operand.text());
  if (name == "not") return !test(operand);
  if (name == "any") return std::any_of(operand.items().begin(), operand.items().end(), test);
  if (name == "all") return std::all_of(operand.items().begin(), operand.items().end(), test);
  throw std::logic_error("the naive evaluator does not know " + name);
}

bool naive_when(const YamlNode& when, const Facts& facts) {
  const auto branch = [&](const YamlNode& node) { return naive_when(node, facts); };
  for (const YamlEntry& entry : when.entries()) {
    const std::vector<YamlNode>& items = entry.value.items();
    bool held;
    if (entry.key == "any") {
      held = std::any_of(items.begin(), items.end(), branch);
    } else if (entry.key == "all") {
      held = std::all_of(items.begin(), items.end(), branch);
    } else if (entry.key == "not") {
      held = !branch(entry.value);
    } else {
      held = naive_test(entry.value, read(facts, entry.key), facts);
    }
    if (!held) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> naive_decide(const YamlNode& table, const Facts& facts) {
  const bool first = table.find("hit_policy")->text() == "first";
  std::vector<std::pair<std::int64_t, std::string>> held;
  for (const YamlNode& rule : table.find("rules")->items()) {
    if (!naive_when(*rule.find("when"), facts)) continue;
    held.emplace_back(first ? 0 : -rule.find("priority")->value().as_int(),
                      rule.find("id")->text());
  }
  std::stable_sort(held.begin(), held.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> ids;
  for (const auto& [priority, id] : held) ids.push_back(id);
  return ids;
}

}  // namespace switchyard
