// What config, export and build are to do: decided by the rules, or recorded in a file (-c), under
// what the user said beside it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/build/build_part.h"
#include "stages/build/build_plan.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/resolve/resolve.h"
#include "tools/switchyard/arguments.h"

namespace switchyard {

// What asks. `config` reads no weights; `export` needs no decision about precision or calibration,
// and of the plan only `weights`.
enum class BuildScope { kConfig, kExport, kBuild };

struct BuildRequest {
  std::shared_ptr<const RuleBook> rules;
  std::optional<ModelSource> source;  // nothing only for `config --model-type`
  Resolution resolution;
  BuildPlan plan;
  std::vector<BuildPart> parts;       // of a composite, in place of the whole
  std::vector<std::string> warnings;  // what a replay can't promise
};

// A model of the Hub that the cache lacks is downloaded, as far as `scope` needs it.
//
// With -c: the model is -m, else the file's directory, else its Hub id; options that decide anew
// (--task ...) are an error, all others win over the file. Without: what the rules decide, in which
// `--submodel` takes the place of the whole; a composite of which no part is named, and
// `--submodel all`, have all their parts listed.
// Throws Error(kUsage), for a faulty file with all that is wrong; Error(kModel) as resolve and
// find_source (model_request.h) do.
BuildRequest build_request(const Arguments& arguments, BuildScope scope);

}  // namespace switchyard
