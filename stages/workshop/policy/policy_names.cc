// Names that one table uses and another one declares, where no declaration of a column or output
// can say so.
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/rule_catalog.h"
#include "engine/text.h"
#include "stages/resolve/tables.h"
#include "stages/workshop/policy/policy_parts.h"
#include "stages/workshop/policy/rule_reading.h"

namespace switchyard::policy {
namespace {

using Names = std::vector<std::string>;

// Names with a fast answer, and the nearest ones for messages.
class NameSet {
 public:
  void add(std::string name) {
    if (set_.insert(name).second) names_.push_back(std::move(name));
  }
  bool has(const std::string& name) const { return set_.contains(name); }
  bool empty() const { return names_.empty(); }
  std::string mend(std::string_view name, std::string_view otherwise) const {
    std::string text = did_you_mean(name, names_);
    return text.empty() ? std::string(otherwise) : text;
  }

 private:
  Names names_;
  std::unordered_set<std::string> set_;
};

// The model types that a rule can meet: those with a row, and those that only the registry of
// exports knows (parts of models, built by a name of their own).
struct ModelTypes {
  NameSet exact;
  NameSet folded;

  explicit ModelTypes(const RuleBook& rules) {
    const auto add = [&](std::string name) {
      folded.add(fold(name));
      exact.add(std::move(name));
    };
    for (std::string& key : keys_of(rules, "model_types")) add(std::move(key));
    for (const char* table : {"supported_tasks", "onnx_configs"}) {
      for (const std::string& key : keys_of(rules, table)) add(key.substr(key.find('/') + 1));
    }
  }
};

Problem row_error(const Row& row, std::string kind, std::string_view table, std::string what,
                  std::string mend) {
  Problem problem;
  problem.place = row.place;
  problem.kind = std::move(kind);
  problem.decision = std::string(table);
  problem.rule = std::string(row.key);
  problem.what = std::move(what);
  problem.mend = std::move(mend);
  return problem;
}

void check_model_type(const ModelTypes& types, std::string_view decision, const Rule& rule,
                      const Clause& clause, const Literal& literal, Problems& problems) {
  const std::string folded = fold(literal.text);
  const bool is_key = clause.name == "model_type_key";
  const bool known =
      is_key || literal.folds ? types.folded.has(folded) : types.exact.has(literal.text);
  const bool spelled = !is_key || literal.folds || literal.text == folded;
  if (known && spelled) return;
  std::string mend;
  if (known && !spelled) {
    mend = "Write " + folded + ": model_type_key is in lower case, with _ for -";
  } else if (types.folded.has(folded)) {
    mend = types.exact.mend(literal.text, "");
  } else {
    mend = (is_key ? types.folded : types.exact)
               .mend(literal.text, "Correct it, or add a row to model_types");
  }
  problems.push_back(rule_error(
      "unknown-model-type", decision, rule, literal.place,
      known ? in_quotes(literal.text) + " is never the value of model_type_key"
            : "there is no model type " + in_quotes(literal.text) + " in the knowledge tables",
      std::move(mend)));
}

void check_model_types(const RuleBook& rules, Problems& problems) {
  const ModelTypes types(rules);
  if (types.exact.empty()) return;
  for (const std::string_view decision : rules.decisions()) {
    for (const Rule& rule : rules_of(rules, decision)) {
      for_each_clause(rule.when, [&](const Clause& clause) {
        if (clause.name != "model_type" && clause.name != "model_type_key") return;
        for (const Literal& literal : literals(clause)) {
          check_model_type(types, decision, rule, clause, literal, problems);
        }
      });
    }
  }
}

// A class belongs to a model type, or to a part that one of them declares.
void check_owners(const RuleBook& rules, Problems& problems) {
  NameSet known;
  for (const std::string& key : keys_of(rules, "model_types")) {
    known.add(key);
    const auto row = rules.lookup("model_types", key);
    const Value* parts = row ? row->value.find("sub_configs") : nullptr;
    if (parts == nullptr || !parts->is_map()) continue;
    for (const auto& [name, part] : parts->as_map()) {
      if (part.is_string()) known.add(part.as_string());
    }
  }
  if (known.empty()) return;
  for (const std::string& key : keys_of(rules, "architectures")) {
    const auto row = rules.lookup("architectures", key);
    const std::string* type = row ? string_of(row->value.find("model_type")) : nullptr;
    // Some classes' configurations have no type.
    if (type == nullptr || type->empty() || known.has(*type)) continue;
    problems.push_back(
        row_error(*row, "unknown-model-type", "architectures",
                  "its model_type " + in_quotes(*type) + " has no row in model_types",
                  known.mend(*type, "Add the row to model_types")));
  }
}

class TaskCheck {
 public:
  TaskCheck(const RuleBook& rules, Problems& problems) : rules_(rules), problems_(problems) {
    for (std::string& key : keys_of(rules, "task_names")) tasks_.add(std::move(key));
  }

  void run() {
    if (tasks_.empty()) return;
    for (const char* table : {"task_classes", "synonyms"})
      each_row(table, [&](const Row& row) { check(row, table, std::string(row.key)); });
    each_row("synonyms", [&](const Row& row) {
      for (const char* field : {"canonical", "optimum_task"}) check_field(row, "synonyms", field);
    });
    each_row("architectures", [&](const Row& row) { check_field(row, "architectures", "task"); });
    each_row("auto_classes", [&](const Row& row) { check_field(row, "auto_classes", "task"); });
    each_row("supported_tasks", [&](const Row& row) {
      if (!row.value.is_list()) return;
      for (const Value& task : row.value.as_list()) {
        if (task.is_string()) check(row, "supported_tasks", task.as_string());
      }
    });
    each_row("onnx_configs", [&](const Row& row) {
      if (!row.value.is_map()) return;
      for (const auto& [task, config] : row.value.as_map()) check(row, "onnx_configs", task);
    });
    check_sub_models();
  }

 private:
  template <typename Use>
  void each_row(const char* table, Use use) const {
    for (const std::string& key : keys_of(rules_, table)) {
      if (const auto row = rules_.lookup(table, key)) use(*row);
    }
  }

  void check_field(const Row& row, const char* table, const char* field) {
    if (const std::string* task = string_of(row.value.find(field))) check(row, table, *task);
  }

  void check(const Row& row, std::string_view table, const std::string& task) {
    if (tasks_.has(task)) return;
    problems_.push_back(row_error(row, "unknown-task", table, unknown(task), mend(task)));
  }

  void check_sub_models() {
    for (const Rule& rule : rules_of(rules_, "composite")) {
      const YamlNode* then = rule.node.find("then");
      const YamlNode* parts = then != nullptr ? then->find("sub_models") : nullptr;
      if (parts == nullptr) continue;
      for (const YamlEntry& part : parts->entries()) {
        if (!part.value.is_string() || tasks_.has(part.value.text())) continue;
        problems_.push_back(
            rule_error("unknown-task", "composite", rule, part.value.place(),
                       "the sub-model " + in_quotes(part.key) + ": " + unknown(part.value.text()),
                       mend(part.value.text())));
      }
    }
  }

  std::string unknown(const std::string& task) const {
    return "there is no task " + in_quotes(task);
  }
  std::string mend(const std::string& task) const {
    return tasks_.mend(task, "Correct it, or add a row to task_names");
  }

  const RuleBook& rules_;
  Problems& problems_;
  NameSet tasks_;
};

// A recipe that is named outright; one made of facts may not be there for every model.
void check_recipes(const RuleBook& rules, Problems& problems) {
  const Names recipes = rules.recipes();
  for (const Rule& rule : rules_of(rules, "exporter")) {
    const auto recipe = literal_output(rule, "recipe");
    if (!recipe || !recipe->value.is_string()) continue;
    const std::string& name = recipe->value.as_string();
    if (std::ranges::find(recipes, name) != recipes.end()) continue;
    std::string mend = did_you_mean(name, recipes);
    if (mend.empty()) mend = "Write the recipe, or name one of `switchyard rules list`";
    problems.push_back(rule_error("unknown-recipe", "exporter", rule, recipe->place,
                                  "there is no recipe " + in_quotes(name), std::move(mend)));
  }
}

// `source` is the word of the rule that decided the task.
void check_sources(const RuleBook& rules, Problems& problems) {
  NameSet words;
  for (const Rule& rule : rules_of(rules, "task")) words.add(rule.source);
  if (words.empty()) return;
  for (const std::string_view decision : rules.decisions()) {
    for (const Rule& rule : rules_of(rules, decision)) {
      for (const Literal& literal : literals(rule.when, {"source"})) {
        if (words.has(literal.text)) continue;
        problems.push_back(rule_error("unknown-source", decision, rule, literal.place,
                                      "no rule of task has the source " + in_quotes(literal.text),
                                      words.mend(literal.text, "Write the word of such a rule")));
      }
    }
  }
}

}  // namespace

void check_names(const RuleBook& rules, Problems& problems) {
  check_model_types(rules, problems);
  check_owners(rules, problems);
  TaskCheck(rules, problems).run();
  check_sources(rules, problems);
  check_recipes(rules, problems);
}

}  // namespace switchyard::policy
