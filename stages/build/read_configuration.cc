// Build configurations as text: what read_build_configuration accepts, key by key.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"
#include "engine/yaml.h"
#include "stages/build/build_configuration.h"
#include "stages/checkpoint/mapped_file.h"
#include "stages/build/export_options.h"
#include "stages/resolve/axes.h"

namespace switchyard {
namespace {

using Words = std::vector<std::string>;

const Words kTools = {"switchyard"};
const Words kWeightModes = {"auto", "reference", "embed", "external"};
const Words kPrecisions = {"fp32", "int8"};
const Words kWeightTypes = {"int8"};
const Words kActivationTypes = {"int8", "uint8"};
const Words kMethods = {"minmax"};
const Words kLevels = {"none", "basic", "extended", "all"};
const Words kSources = {"image-folder", "text-lines", "audio-files", "random"};

// The value of a node of JSON: bare NaN and infinities are numbers there, and words to YAML.
Value json_value(const YamlNode& node) {
  if (node.is_list()) {
    List list;
    for (const YamlNode& item : node.items()) list.push_back(json_value(item));
    return list;
  }
  if (node.is_map()) {
    Map map;
    for (const YamlEntry& entry : node.entries()) map.set(entry.key, json_value(entry.value));
    return map;
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!node.is_quoted()) {
    if (node.text() == "NaN") return std::nan("");
    if (node.text() == "Infinity") return kInfinity;
    if (node.text() == "-Infinity") return -kInfinity;
  }
  return node.value();
}

// One key of a map: whether it must be there, and what reads its value (throws Error(kUsage)).
struct Field {
  const char* name;
  bool required;
  std::function<void(const YamlNode&)> read;
};
constexpr bool kRequired = true, kOptional = false;

class Reader {
 public:
  explicit Reader(Faults& faults) : faults_(faults) {}

  void map(const YamlNode& node, const std::string& what, const std::vector<Field>& fields) {
    if (!node.is_map()) {
      fault(node.place(), what + " is a map, not " + node.describe());
      return;
    }
    Words known;
    for (const Field& field : fields) known.emplace_back(field.name);
    for (const YamlEntry& entry : node.entries()) {
      const auto field = std::find(known.begin(), known.end(), entry.key);
      if (field == known.end()) {
        const std::string near = did_you_mean(entry.key, known);
        fault(entry.key_place(), what + " has no key '" + entry.key + "'",
              near.empty() ? "It has " + join_names(known) : near);
        continue;
      }
      const auto index = static_cast<std::size_t>(field - known.begin());
      attempt(&faults_, [&] {
        try {
          fields[index].read(entry.value);
        } catch (const Error& error) {
          throw about("'" + entry.key + "'", error);
        }
      });
    }
    for (const Field& field : fields) {
      if (field.required && node.find(field.name) == nullptr) {
        fault(node.place(), what + " lacks the key '" + field.name + "'",
              "Print a whole one with `switchyard config -m MODEL`");
      }
    }
  }

  void each(const YamlNode& list, const std::function<void(const YamlNode&)>& read) {
    if (!list.is_list()) list.fail("must be a list, not " + list.describe());
    for (const YamlNode& item : list.items()) {
      attempt(&faults_, [&] {
        try {
          read(item);
        } catch (const Error& error) {
          throw about("an item", error);
        }
      });
    }
  }

  void each_entry(const YamlNode& map, const std::function<void(const YamlEntry&)>& read) {
    if (!map.is_map()) map.fail("must be a map, not " + map.describe());
    for (const YamlEntry& entry : map.entries()) {
      attempt(&faults_, [&] {
        try {
          read(entry);
        } catch (const Error& error) {
          throw about("'" + entry.key + "'", error);
        }
      });
    }
  }

  void fault(Place place, std::string what, std::string mend = {}) {
    faults_.add(Error(ErrorKind::kUsage, std::move(place), std::move(what), std::move(mend)));
  }

 private:
  // What is thrown says only what must be: "must be a string, not 3".
  static Error about(const std::string& what, const Error& error) {
    return {error.kind(), error.place(), what + " " + error.message(), error.mend()};
  }

  Faults& faults_;
};

// Readers of plain values. Each throws Error(kUsage) at the node.
std::string text(const YamlNode& node) {
  if (!node.is_string()) node.fail("must be a string, not " + node.describe());
  return node.text();
}
std::optional<std::string> text_or_null(const YamlNode& node) {
  if (node.is_null()) return std::nullopt;
  return text(node);
}
std::string word(const YamlNode& node, const Words& words) {
  if (!node.is_string() || std::find(words.begin(), words.end(), node.text()) == words.end()) {
    node.fail("must be " + join_names(words, " or ") + ", not " + node.describe());
  }
  return node.text();
}
std::int64_t integer(const YamlNode& node, std::int64_t least) {
  const Value& value = node.value();
  if (!value.is_int() || value.as_int() < least) {
    node.fail("must be an integer of " + std::to_string(least) + " or more, not " +
              node.describe());
  }
  return value.as_int();
}
void boolean(const YamlNode& node) {
  if (!node.value().is_bool()) node.fail("must be true or false, not " + node.describe());
}

std::function<void(const YamlNode&)> into(std::string& target) {
  return [&target](const YamlNode& node) { target = text(node); };
}
std::function<void(const YamlNode&)> into(std::optional<std::string>& target) {
  return [&target](const YamlNode& node) { target = text_or_null(node); };
}
std::function<void(const YamlNode&)> one_of(const Words& words) {
  return [&words](const YamlNode& node) { word(node, words); };
}
std::function<void(const YamlNode&)> a_text() {
  return [](const YamlNode& node) { text(node); };
}
std::function<void(const YamlNode&)> at_least(std::int64_t least) {
  return [least](const YamlNode& node) { integer(node, least); };
}

// "rules/tasks.yaml:12:5"
Place place_of(const std::string& text) {
  Place place{text, 0, 0};
  int* const numbers[] = {&place.column, &place.line};
  for (int* number : numbers) {
    const std::size_t colon = place.file.rfind(':');
    if (colon == std::string::npos) break;
    const char* end = place.file.data() + place.file.size();
    if (std::from_chars(place.file.data() + colon + 1, end, *number).ptr != end) break;
    place.file.erase(colon);
  }
  // One number is a line.
  if (place.line == 0) std::swap(place.line, place.column);
  return place;
}

class ConfigurationReader {
 public:
  explicit ConfigurationReader(Faults& faults) : faults_(faults), reader_(faults) {}

  RecordedBuild read(const YamlNode& root) {
    const std::vector<Field> fields = this->fields();
    const bool any = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
      return field.required && root.find(field.name) != nullptr;
    });
    if (!any) {
      reader_.fault(root.place(), "this is no build configuration",
                    "Print one with `switchyard config -m MODEL`; every build writes its own as "
                    "build.json");
      return std::move(build_);
    }
    reader_.map(root, "a build configuration", fields);
    finish();
    return std::move(build_);
  }

 private:
  std::vector<Field> fields() {
    Resolution& r = build_.resolution;
    return {
        {"$schema", kOptional, a_text()},
        {"tool", kOptional, one_of(kTools)},
        {"version", kOptional, a_text()},
        {"rules", kOptional, a_text()},
        {"rules_read", kOptional, [this](const YamlNode& node) { read_digests(node); }},
        {"model", kOptional, into(build_.model)},
        {"model_id", kOptional, into(build_.model_id)},
        {"revision", kOptional, into(build_.revision)},
        {"variant", kOptional, into(build_.variant)},
        {"weight_files", kOptional, [this](const YamlNode& node) { read_weight_files(node); }},
        {"task", kRequired, into(r.task)},
        {"optimum_task", kRequired, into(r.optimum_task)},
        {"model_class", kOptional, into(r.model_class)},
        {"source", kOptional, into(r.source)},
        {"library", kRequired, into(r.library)},
        {"composite", kOptional, [this](const YamlNode& node) { read_composite(node); }},
        {"model_type", kRequired, into(r.model_type)},
        {"onnx_config", kOptional, into(r.onnx_config)},
        {"recipe", kRequired, into(r.recipe)},
        {"inputs", kOptional, [this, &r](const YamlNode& node) { r.inputs = specs(node); }},
        {"outputs", kOptional, [this, &r](const YamlNode& node) { r.outputs = specs(node); }},
        {"warnings", kOptional,
         [this, &r](const YamlNode& node) {
           reader_.each(node, [&r](const YamlNode& item) { r.warnings.push_back(text(item)); });
         }},
        {"axes", kOptional, [this](const YamlNode& node) { read_axes(node); }},
        {"parts", kOptional, [this](const YamlNode& node) { read_parts(node); }},
        {"part", kOptional,
         [&r](const YamlNode& node) { r.part = text_or_null(node).value_or(""); }},
        {"options", kOptional, [this](const YamlNode& node) { read_options(node); }},
        {"config", kRequired, [this](const YamlNode& node) { read_config(node); }},
        {"weights", kRequired,
         [this](const YamlNode& node) { build_.plan.weights = word(node, kWeightModes); }},
        {"optimization", kRequired,
         [this](const YamlNode& node) {
           reader_.map(node, "optimization", {{"level", kRequired, one_of(kLevels)}});
           build_.plan.optimization.value = json_value(node);
         }},
        {"precision", kRequired, [this](const YamlNode& node) { read_precision(node); }},
        {"calibration", kRequired,
         [this](const YamlNode& node) { read_calibration(node, build_.plan.calibration); }},
        {"calibration_fallback", kRequired,
         [this](const YamlNode& node) {
           read_calibration(node, build_.plan.calibration_fallback);
         }},
        {"decisions", kOptional,
         [this](const YamlNode& node) {
           reader_.each(node, [this](const YamlNode& item) { read_decision(item); });
         }},
    };
  }

  void read_digests(const YamlNode& node) {
    reader_.each_entry(node, [](const YamlEntry& entry) { text(entry.value); });
    build_.rules_read = node.value();
  }

  void read_weight_files(const YamlNode& node) {
    if (node.is_null()) return;
    reader_.each(node, [this](const YamlNode& item) {
      reader_.map(item, "a weight file",
                  {{"file", kRequired, a_text()},
                   {"bytes", kRequired, at_least(0)},
                   {"header_sha256", kRequired, a_text()},
                   {"sha256", kOptional, a_text()}});
    });
    build_.weight_files = node.value();
  }

  void read_composite(const YamlNode& node) {
    if (node.is_null()) return;
    reader_.each_entry(node, [](const YamlEntry& entry) { text(entry.value); });
    build_.resolution.composite = node.value();
  }

  std::vector<TensorSpec> specs(const YamlNode& node) {
    std::vector<TensorSpec> list;
    reader_.each(node, [&](const YamlNode& item) {
      TensorSpec spec;
      const auto dims = [&](const YamlNode& value) {
        if (value.is_null()) return;
        spec.dims_known = true;
        reader_.each(value, [&](const YamlNode& dim) {
          if (!dim.is_string()) integer(dim, 0);
          spec.dims.push_back(dim.value());
        });
      };
      reader_.map(item, "a tensor",
                  {{"name", kRequired, into(spec.name)},
                   {"dtype", kOptional,
                    [&](const YamlNode& value) {
                      if (!value.is_null()) spec.dtype = text(value);
                    }},
                   {"dims", kOptional, dims}});
      list.push_back(std::move(spec));
    });
    return list;
  }

  void read_axes(const YamlNode& node) {
    reader_.each_entry(node, [this](const YamlEntry& entry) {
      if (!is_axis_name(entry.key)) {
        throw Error(ErrorKind::kUsage, entry.key_place(),
                    "can't be the name of an axis: that is letters, digits and _");
      }
      if (entry.value.is_string()) {
        if (!is_axis_name(entry.value.text())) {
          entry.value.fail("must be a size or a name of letters, digits and _, not " +
                           entry.value.describe());
        }
      } else if (!entry.value.is_null()) {
        integer(entry.value, 1);
      }
      build_.resolution.axes.set(entry.key, entry.value.value());
    });
  }

  // The decisions of each part are those of a model of their own.
  void read_parts(const YamlNode& node) {
    reader_.each(node, [this](const YamlNode& item) {
      build_.parts.push_back(ConfigurationReader(faults_).read(item));
    });
  }

  void read_options(const YamlNode& node) {
    std::vector<Field> known;
    for (const char* name : kExportOptions) known.push_back({name, kOptional, boolean});
    reader_.map(node, "options", known);
    if (node.is_map()) build_.resolution.options = node.value().as_map();
  }

  void read_config(const YamlNode& node) {
    reader_.map(node, "config",
                {{"part", kOptional,
                  [this](const YamlNode& value) {
                    build_.resolution.config_part = text_or_null(value).value_or("");
                  }},
                 {"values", kRequired,
                  [this](const YamlNode& value) {
                    if (!value.is_map()) value.fail("must be a map, not " + value.describe());
                    build_.config_changes = json_value(value);
                  }},
                 {"sha256", kOptional, into(build_.config_digest)}});
  }

  void read_precision(const YamlNode& node) {
    const auto names = [this](const YamlNode& value) {
      reader_.each(value, [](const YamlNode& item) { text(item); });
    };
    const auto keep = [this, names](const YamlNode& value) {
      reader_.map(value, "keep_float",
                  {{"op_types", kOptional, names}, {"nodes", kOptional, names}});
    };
    reader_.map(node, "precision",
                {{"precision", kRequired, one_of(kPrecisions)},
                 {"weight", kOptional, one_of(kWeightTypes)},
                 {"per_channel", kOptional, boolean},
                 {"activation", kOptional, one_of(kActivationTypes)},
                 {"method", kOptional, one_of(kMethods)},
                 {"op_types", kOptional, names},
                 {"keep_float", kOptional, keep}});
    build_.plan.precision.value = node.value();
  }

  void read_calibration(const YamlNode& node, Decision& decision) {
    reader_.map(node, "calibration",
                {{"source", kRequired, one_of(kSources)},
                 {"samples", kOptional, at_least(1)},
                 {"path", kOptional, a_text()}});
    decision.value = node.value();
  }

  void read_decision(const YamlNode& node) {
    Decision decision;
    const auto optional = [](std::string& target) {
      return [&target](const YamlNode& value) { target = text_or_null(value).value_or(""); };
    };
    std::string place;
    reader_.map(
        node, "a decision",
        {{"name", kRequired, into(decision.name)},
         {"value", kOptional, [&](const YamlNode& value) { decision.value = json_value(value); }},
         {"rule", kOptional, optional(decision.rule_id)},
         {"place", kOptional, optional(place)},
         {"source", kOptional, optional(decision.source)}});
    decision.place = place_of(place);
    build_.resolution.decisions.push_back(std::move(decision));
  }

  // Who decided what the plan holds: the rule named under `decisions`, unless someone has written
  // another value since.
  void finish() {
    const std::pair<const char*, Decision*> plan[] = {
        {"optimization", &build_.plan.optimization},
        {"precision", &build_.plan.precision},
        {"calibration", &build_.plan.calibration},
        {"calibration_fallback", &build_.plan.calibration_fallback}};
    for (const auto& [name, decision] : plan) {
      decision->name = name;
      decision->source = "build-configuration";
      for (const Decision& recorded : build_.resolution.decisions) {
        if (recorded.name == name && recorded.value == decision->value) *decision = recorded;
      }
    }
  }

  Faults& faults_;
  Reader reader_;
  RecordedBuild build_;
};

}  // namespace

RecordedBuild read_build_configuration(const std::string& text, const std::string& file,
                                       Faults& faults) {
  RecordedBuild build;
  attempt(&faults, [&] { build = ConfigurationReader(faults).read(parse_yaml(text, file)); });
  build.file = file;
  return build;
}

RecordedBuild load_build_configuration(const std::filesystem::path& file) {
  Faults faults;
  RecordedBuild build = read_build_configuration(read_text(file), file.string(), faults);
  throw_faults(faults);
  return build;
}

}  // namespace switchyard
