// How impact reports call things, whatever their format.
#pragma once

#include <cstddef>
#include <string>

#include "stages/workshop/impact/impact_report.h"

namespace switchyard {

// "1,234".
std::string number_text(std::size_t number);
// "1 model", "1,234 models".
std::string models_text(std::size_t number);
// What the rule has to do with it: "the new rule mine/sam".
std::string cause_text(const Cause& cause);
// The JSON name of a kind: "new_rule".
std::string cause_kind(Cause::Kind kind);
// A value in one short line: texts bare, "nothing" for null, all else as JSON.
std::string value_text(const Value& value);
// Before or after of a step: the value, and which rule gave it where the rules differ.
std::string before_text(const ImpactGroup& group, const ImpactStep& step);
std::string after_text(const ImpactGroup& group, const ImpactStep& step);
// "task 12, model_class 3"; empty for none.
std::string follows_text(const std::vector<std::pair<std::string, std::size_t>>& follows);

}  // namespace switchyard
