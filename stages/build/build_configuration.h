// The build configuration: what `config` prints, build.json records and `build -c FILE` reads. One
// format; docs/architecture.md says what a replay takes from it, and
// rules/schema/build-config.schema.json is its JSON Schema.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/faults.h"
#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/build/build_part.h"
#include "stages/build/build_plan.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// Everything decided, with rule ids and sources, and digests of what else goes into a build.
// `source` may be null (a model type alone). `weight_content`: also digest the weights' bytes,
// which costs reading them. Throws Error(kUsage) for a recipe that is no YAML.
Value build_configuration(const RuleBook& rules, const ModelSource* source,
                          const Resolution& resolution, const BuildPlan& plan,
                          const std::vector<BuildPart>& parts, const std::string& tool_version,
                          bool weight_content);

// A build configuration as read.
struct RecordedBuild {
  std::string file;                     // for messages
  std::optional<std::string> model;     // the checkpoint's directory
  std::optional<std::string> model_id;  // its Hub id
  std::optional<std::string> revision;  // the commit, of a model in the Hub cache
  std::optional<std::string> variant;   // of its weights
  Resolution resolution;                // all but `config`
  BuildPlan plan;
  Value config_changes;       // what the rules made of config.json (config_changes.h)
  std::string config_digest;  // of the completed config; empty: not said
  Value rules_read;           // rules_read.h; null: not said
  Value weight_files;         // as written; null: not said
  std::vector<RecordedBuild> parts;  // of a composite; `resolution.part` is the name of each
};

// Reads JSON (or YAML). Everything that is wrong is added to `faults`, with file:line:column: keys
// that don't exist (with the nearest that does), missing keys, wrong types and values.
RecordedBuild read_build_configuration(const std::string& text, const std::string& file,
                                       Faults& faults);

// The same from a file. Throws Error(kModel) when it can't be read, Error(kUsage) that lists all
// that is wrong.
RecordedBuild load_build_configuration(const std::filesystem::path& file);

// Completes `recorded.resolution.config` from the checkpoint as it was completed then. Returns
// warnings: what goes into the build, can't be recorded, and is not what it was.
// Throws Error(kModel) when the weights' content was recorded and can't be read.
std::vector<std::string> replay_on(const RuleBook& rules, const ModelSource& source,
                                   RecordedBuild& recorded);

}  // namespace switchyard
