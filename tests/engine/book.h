// Helpers of the rule book's tests.
#pragma once

#include <memory>
#include <string>

#include "engine/json.h"
#include "engine/rule_book.h"

namespace switchyard {

inline std::shared_ptr<const RuleBook> book_of(const std::string& text) {
  return RuleBook::from_texts({{"t.yaml", text}});
}

// Facts from a JSON object.
inline Facts facts_of(const std::string& json) {
  Facts facts;
  const Value value = parse_json(json, "facts");
  for (const auto& [name, fact] : value.as_map()) facts.set(name, fact);
  return facts;
}

// The outputs of a decision as JSON, or "nothing".
inline std::string outputs(const RuleBook& book, const std::string& facts,
                           std::string_view decision = "d") {
  const auto outcome = book.decide(decision, facts_of(facts));
  return outcome ? outcome->outputs.to_json() : "nothing";
}

// What an Error says, or "" when nothing is thrown.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace switchyard
