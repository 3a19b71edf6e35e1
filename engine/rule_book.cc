#include "engine/rule_book.h"

#include "engine/embedded_rules.h"
#include "engine/rule_blob.h"
#include "engine/rule_catalog.h"
#include "engine/text.h"

namespace switchyard {

namespace {

std::unique_ptr<RuleLayer> directory_layer(const std::filesystem::path& directory) {
  return make_text_layer(read_rule_directory(directory, directory.generic_string()));
}

std::unique_ptr<RuleLayer> base_layer(const RuleBookOptions& options) {
  if (options.base) return directory_layer(*options.base);
  if (embedded_rules().empty()) return make_text_layer({});
  return make_blob_layer(embedded_rules());
}

}  // namespace

struct RuleBook::Impl {
  RuleCatalog catalog;

  explicit Impl(std::vector<std::unique_ptr<RuleLayer>> layers) : catalog(std::move(layers)) {}

  const DecisionTable& require(std::string_view decision) const {
    const DecisionTable* table = catalog.decision(decision);
    if (table != nullptr) return *table;
    std::vector<std::string> names;
    for (const std::string_view name : catalog.decision_names()) names.emplace_back(name);
    throw Error(ErrorKind::kUsage, {},
                "there is no decision table \"" + std::string(decision) + "\" in the rules",
                did_you_mean(decision, names));
  }
};

RuleBook::RuleBook() = default;
RuleBook::~RuleBook() = default;

std::shared_ptr<const RuleBook> RuleBook::load(const RuleBookOptions& options) {
  std::vector<std::unique_ptr<RuleLayer>> layers;
  layers.push_back(base_layer(options));
  for (const std::filesystem::path& overlay : options.overlays) {
    layers.push_back(directory_layer(overlay));
  }
  const std::size_t count = layers.size();
  std::shared_ptr<RuleBook> book(new RuleBook);
  book->impl_ = std::make_unique<Impl>(std::move(layers));
  if (options.base) book->impl_->catalog.check_decisions(0);
  for (std::size_t layer = 1; layer < count; ++layer) {
    book->impl_->catalog.check_decisions(layer);
    book->impl_->catalog.check_knowledge(layer);
  }
  return book;
}

std::shared_ptr<const RuleBook> RuleBook::from_texts(
    const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<RuleFile> layer;
  for (const auto& [name, text] : files) {
    layer.push_back({name, name, std::make_shared<const std::string>(text)});
  }
  std::vector<std::unique_ptr<RuleLayer>> layers;
  layers.push_back(make_text_layer(std::move(layer)));
  std::shared_ptr<RuleBook> book(new RuleBook);
  book->impl_ = std::make_unique<Impl>(std::move(layers));
  book->impl_->catalog.check_decisions(0);
  book->impl_->catalog.check_knowledge(0);
  return book;
}

std::optional<Outcome> RuleBook::decide(std::string_view decision, const Facts& facts,
                                        Explanation* explanation) const {
  return impl_->require(decision).decide(facts, impl_->catalog, explanation);
}

std::vector<Outcome> RuleBook::collect(std::string_view decision, const Facts& facts,
                                       Explanation* explanation) const {
  return impl_->require(decision).collect(facts, impl_->catalog, explanation);
}

bool RuleBook::has_decision(std::string_view decision) const {
  return impl_->catalog.has_decision(decision);
}

bool RuleBook::collects(std::string_view decision) const {
  return impl_->require(decision).hit_policy() == HitPolicy::kCollect;
}

std::vector<std::string_view> RuleBook::decisions() const {
  return impl_->catalog.decision_names();
}

std::optional<Row> RuleBook::lookup(std::string_view table, std::string_view key) const {
  return impl_->catalog.find_row(table, key);
}

bool RuleBook::has_knowledge(std::string_view table) const {
  return impl_->catalog.has_table(table);
}

std::vector<std::string> RuleBook::keys(std::string_view table) const {
  return impl_->catalog.keys(table);
}

std::optional<RuleBook::Source> RuleBook::recipe(std::string_view name) const {
  return impl_->catalog.source(DocumentKind::kRecipe, name);
}

std::optional<RuleBook::Source> RuleBook::block_library(std::string_view name) const {
  return impl_->catalog.source(DocumentKind::kBlockLibrary, name);
}

std::vector<std::string> RuleBook::recipes() const {
  return impl_->catalog.source_names(DocumentKind::kRecipe);
}

std::string RuleBook::digest() const { return impl_->catalog.digest(); }

}  // namespace switchyard
