// From Arguments to what the stages take: the rules in force and the model to resolve.
#pragma once

#include <memory>
#include <optional>

#include "engine/rule_book.h"
#include "stages/build/build_plan.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/hub/download.h"
#include "stages/resolve/resolve.h"
#include "tools/switchyard/arguments.h"

namespace switchyard {

// The rules that the command line and SWITCHYARD_RULES name.
RuleBookOptions rule_options(const Arguments& arguments);

// Embedded rules (or --rules-only), then SWITCHYARD_RULES, then --rules. Throws Error(kUsage).
std::shared_ptr<const RuleBook> load_rules(const Arguments& arguments);

// -m found on disk, or downloaded as far as `scope` needs it; nothing when it was not given.
// Throws Error(kUsage): --revision without a Hub id. Error(kModel): as find_model, download_model.
std::optional<ModelSource> find_source(const Arguments& arguments, const RuleBook& rules,
                                       HubScope scope);

// What to resolve: the model's config, where there is a model, under what the user said.
ResolveRequest resolve_request(const Arguments& arguments, const ModelSource* source);

// What the user said about the build itself.
BuildChoices build_choices(const Arguments& arguments);

// For commands that build from a checkpoint: -m and -o must be there. Throws Error(kUsage).
const std::string& require_model(const Arguments& arguments, const char* command);
const std::string& require_output(const Arguments& arguments, const char* command);

}  // namespace switchyard
