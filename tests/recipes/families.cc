#include "tests/recipes/families.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>

#include "engine/json.h"
#include "stages/export/export.h"
#include "stages/resolve/resolve.h"

namespace switchyard::recipes_test {
namespace {

namespace fs = std::filesystem;

Family family_of(const fs::path& file) {
  const Value card = parse_json(read_file(file.string()), file.string());
  Family family;
  family.card = file.stem().string();
  family.checkpoint = load_checkpoint(family.card);
  ModelSource source;
  source.config = family.checkpoint.config;
  source.config_file = file;
  ResolveRequest asked{.config = source.config, .config_file = file.string()};
  const Value* task = card.find("task");
  asked.options.task = task != nullptr ? task->as_string() : "image-classification";
  Resolution resolution = resolve(shipped_rules(), asked);
  if (const Value* part = card.find("part"); part != nullptr && part->is_string()) {
    resolution.part = part->as_string();
  }
  family.request = graph_request(source, resolution);
  family.recipe = family.request.recipe;
  return family;
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> all = [] {
    std::map<std::string, std::pair<std::uintmax_t, Family>> by_recipe;
    for (const auto& entry : fs::directory_iterator(SWITCHYARD_SOURCE_DIR "/tests/data/recipes")) {
      Family family = family_of(entry.path());
      const std::pair size(fs::file_size(entry.path()), family.card);
      const auto found = by_recipe.find(family.recipe);
      if (found != by_recipe.end() && std::pair(found->second.first, found->second.second.card) <= size) continue;
      const std::string recipe = family.recipe;
      by_recipe.insert_or_assign(recipe, std::pair(size.first, std::move(family)));
    }
    std::vector<Family> result;
    for (auto& [recipe, sized] : by_recipe) result.push_back(std::move(sized.second));
    return result;
  }();
  return all;
}

std::string test_name(const std::string& text) {
  std::string name = text;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

void PrintTo(const Family& family, std::ostream* out) { *out << family.card; }

}  // namespace switchyard::recipes_test
