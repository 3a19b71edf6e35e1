#include "stages/build/weight_mode.h"

#include <array>
#include <string>
#include <utility>

#include "engine/error.h"

namespace switchyard {
namespace {

constexpr std::array<std::pair<std::string_view, WeightMode>, 4> kModes = {{
    {"auto", WeightMode::kAuto},
    {"reference", WeightMode::kReference},
    {"embed", WeightMode::kEmbed},
    {"external", WeightMode::kExternal},
}};

}  // namespace

WeightMode parse_weight_mode(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (known == name) return mode;
  }
  throw Error(ErrorKind::kUsage, {}, "there is no way '" + std::string(name) + "' to write weights",
              "It is auto, reference, embed or external");
}

std::string_view weight_mode_name(WeightMode mode) {
  for (const auto& [name, known] : kModes) {
    if (known == mode) return name;
  }
  return "auto";
}

WeightMode parse_part_weight_mode(std::string_view name) {
  const WeightMode mode = parse_weight_mode(name);
  return mode == WeightMode::kAuto ? WeightMode::kReference : mode;
}

}  // namespace switchyard
