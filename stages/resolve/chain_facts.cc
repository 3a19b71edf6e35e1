// The facts of a request that the decision tables start from.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/error.h"
#include "engine/facts.h"
#include "engine/text.h"
#include "stages/resolve/chain.h"
#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

// The name of the config's first architecture; empty when it has none.
std::string first_architecture(const Value& config) {
  const Value* written = config.find("architectures");
  if (written == nullptr) return {};
  if (written->is_string()) return written->as_string();
  if (!written->is_list() || written->as_list().empty()) return {};
  const Value& first = written->as_list().front();
  return first.is_string() ? first.as_string() : std::string();
}

// A class as three facts: its row under `fact` (empty when there is none), FACT.name, FACT.known.
struct ClassFacts {
  FactId row, name, known;
  explicit ClassFacts(const std::string& fact)
      : row(fact_id(fact)), name(fact_id(fact + ".name")), known(fact_id(fact + ".known")) {}

  void set(const RuleBook& rules, const std::string& class_name, Facts& facts) const {
    auto found = find_architecture(rules, class_name);
    facts.set(name, class_name);
    facts.set(known, found.has_value());
    // A class that is there, but of which nothing is known, is no absent one.
    facts.set(row, found && found->is_map() ? std::move(*found) : Value(Map{{"unknown", true}}));
  }
};

const ClassFacts kArchitecture("architecture");
const ClassFacts kUserClass("user_class");
const ClassFacts kBaseClass("base_class");

}  // namespace

void Chain::gather_facts() {
  const ResolveOptions& options = request_.options;
  if (options.task && trim(*options.task).empty()) {
    fail("the task is empty", "Name one with --task, or leave it out to have it detected");
  }
  const auto set = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) facts_.set(name, *value);
  };
  set("options.task", options.task);
  set("options.model_type", options.model_type);
  set("options.model_class", options.model_class);
  set("options.library", options.library);
  if (options.task) facts_.set("user_task", canonical_task(rules_, *options.task));
  if (request_.model_id) facts_.set("model_id", trim(*request_.model_id));
  facts_.set("config", identity_.config);
  facts_.set("model_type", identity_.deciding_type);
  facts_.set("model_type_key", fold(identity_.deciding_type));
  facts_.set("task", nullptr);
  set_class_facts();
}

void Chain::set_class_facts() {
  if (const std::string name = first_architecture(identity_.config); !name.empty()) {
    kArchitecture.set(rules_, name, facts_);
  }
  if (request_.options.model_class) {
    kUserClass.set(rules_, *request_.options.model_class, facts_);
  }
  if (const std::string* base = string_of(identity_.deciding_row.find("base_class"))) {
    kBaseClass.set(rules_, *base, facts_);
  }
  const Value* written = identity_.config.find("is_encoder_decoder");
  facts_.set(
      "is_encoder_decoder",
      is_true(written != nullptr ? written : identity_.config_type.row.find("encoder_decoder")));
  if (const std::string* made = string_of(identity_.config.find("architecture"))) {
    // A pretrained tag may follow the architecture's name behind a dot.
    const auto row = rules_.lookup("timm_architectures", made->substr(0, made->find('.')));
    const std::string* file = row ? string_of(row->value.find("file")) : nullptr;
    if (file != nullptr) facts_.set("model_file", *file);
  }
}

}  // namespace switchyard
