#include "engine/rule_book.h"

#include "engine/embedded_rules.h"
#include "engine/faults.h"
#include "engine/rule_blob.h"
#include "engine/rule_catalog.h"
#include "engine/text.h"

namespace switchyard {

namespace {

std::unique_ptr<RuleLayer> directory_layer(const std::filesystem::path& directory, Faults* faults) {
  return make_text_layer(read_rule_directory(directory, directory.generic_string()), faults);
}

std::vector<std::unique_ptr<RuleLayer>> read_layers(const RuleBookOptions& options,
                                                    Faults* faults) {
  std::vector<std::unique_ptr<RuleLayer>> layers;
  if (options.base) {
    layers.push_back(directory_layer(*options.base, faults));
  } else if (embedded_rules().empty()) {
    layers.push_back(make_text_layer({}));
  } else {
    layers.push_back(make_blob_layer(embedded_rules()));
  }
  for (const std::filesystem::path& overlay : options.overlays) {
    layers.push_back(directory_layer(overlay, faults));
  }
  return layers;
}

std::unique_ptr<RuleLayer> memory_layer(
    const std::vector<std::pair<std::string, std::string>>& files, Faults* faults) {
  std::vector<RuleFile> layer;
  for (const auto& [name, text] : files) {
    layer.push_back({name, name, std::make_shared<const std::string>(text)});
  }
  return make_text_layer(std::move(layer), faults);
}

// Makes every table, so that no fault is left to be found later.
void make_all(const RuleCatalog& catalog) {
  for (std::size_t layer = 0; layer < catalog.layers().size(); ++layer) {
    catalog.check_decisions(layer);
    catalog.check_knowledge(layer);
  }
}

const DecisionTable& require(const RuleCatalog& catalog, std::string_view decision) {
  const DecisionTable* table = catalog.decision(decision);
  if (table != nullptr) return *table;
  std::vector<std::string> names;
  for (const std::string_view name : catalog.decision_names()) names.emplace_back(name);
  throw Error(ErrorKind::kUsage, {},
              "there is no decision table \"" + std::string(decision) + "\" in the rules",
              did_you_mean(decision, names));
}

}  // namespace

RuleBook::RuleBook(std::unique_ptr<RuleCatalog> catalog) : catalog_(std::move(catalog)) {}
RuleBook::~RuleBook() = default;

std::shared_ptr<const RuleBook> RuleBook::load(const RuleBookOptions& options) {
  auto catalog = std::make_unique<RuleCatalog>(read_layers(options, nullptr));
  if (options.base) catalog->check_decisions(0);
  for (std::size_t layer = 1; layer < catalog->layers().size(); ++layer) {
    catalog->check_decisions(layer);
    catalog->check_knowledge(layer);
  }
  return std::shared_ptr<const RuleBook>(new RuleBook(std::move(catalog)));
}

std::shared_ptr<const RuleBook> RuleBook::load(const RuleBookOptions& options, Faults& faults) {
  auto catalog = std::make_unique<RuleCatalog>(read_layers(options, &faults), &faults);
  make_all(*catalog);
  return std::shared_ptr<const RuleBook>(new RuleBook(std::move(catalog)));
}

std::shared_ptr<const RuleBook> RuleBook::from_texts(
    const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<std::unique_ptr<RuleLayer>> layers;
  layers.push_back(memory_layer(files, nullptr));
  auto catalog = std::make_unique<RuleCatalog>(std::move(layers));
  make_all(*catalog);
  return std::shared_ptr<const RuleBook>(new RuleBook(std::move(catalog)));
}

std::shared_ptr<const RuleBook> RuleBook::from_texts(
    const std::vector<std::vector<std::pair<std::string, std::string>>>& texts, Faults& faults) {
  std::vector<std::unique_ptr<RuleLayer>> layers;
  for (const auto& files : texts) layers.push_back(memory_layer(files, &faults));
  auto catalog = std::make_unique<RuleCatalog>(std::move(layers), &faults);
  make_all(*catalog);
  return std::shared_ptr<const RuleBook>(new RuleBook(std::move(catalog)));
}

std::optional<Outcome> RuleBook::decide(std::string_view decision, const Facts& facts,
                                        Explanation* explanation) const {
  return require(*catalog_, decision).decide(facts, *catalog_, explanation);
}

std::vector<Outcome> RuleBook::collect(std::string_view decision, const Facts& facts,
                                       Explanation* explanation) const {
  return require(*catalog_, decision).collect(facts, *catalog_, explanation);
}

bool RuleBook::has_decision(std::string_view decision) const {
  return catalog_->has_decision(decision);
}

bool RuleBook::collects(std::string_view decision) const {
  return require(*catalog_, decision).hit_policy() == HitPolicy::kCollect;
}

std::vector<std::string_view> RuleBook::decisions() const { return catalog_->decision_names(); }

std::optional<Row> RuleBook::lookup(std::string_view table, std::string_view key) const {
  return catalog_->find_row(table, key);
}

bool RuleBook::has_knowledge(std::string_view table) const { return catalog_->has_table(table); }

const std::vector<std::string>& RuleBook::keys(std::string_view table) const {
  return catalog_->keys(table);
}

std::optional<RuleBook::Source> RuleBook::recipe(std::string_view name) const {
  return catalog_->source(DocumentKind::kRecipe, name);
}

std::optional<RuleBook::Source> RuleBook::block_library(std::string_view name) const {
  return catalog_->source(DocumentKind::kBlockLibrary, name);
}

std::vector<std::string> RuleBook::recipes() const {
  return catalog_->source_names(DocumentKind::kRecipe);
}

std::string RuleBook::digest() const { return catalog_->digest(); }

}  // namespace switchyard
