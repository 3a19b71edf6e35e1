// Facts: every declared column, and every column that a rule names, must be a path into a fact that
// some stage sets, which the table `facts` lists.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/column_uses.h"
#include "engine/rule_catalog.h"
#include "engine/text.h"
#include "stages/resolve/tables.h"
#include "stages/workshop/policy/policy_parts.h"
#include "stages/workshop/policy/rule_reading.h"

namespace switchyard::policy {
namespace {

class FactCheck {
 public:
  FactCheck(const RuleBook& rules, Problems& problems)
      : rules_(rules), problems_(problems), names_(keys_of(rules, "facts")) {}

  void run() {
    if (names_.empty()) return;
    for (const std::string_view decision : rules_.decisions()) {
      decision_ = decision;
      rule_ = nullptr;
      const auto& columns = rules_.catalog().decision(decision)->columns();
      for (const DeclaredName& column : columns) check(column.name, column.place);
      // Where columns are declared, rules keep to them: that was checked when they were read.
      declared_elsewhere_ = !columns.empty();
      for (const Rule& rule : rules_of(rules_, decision)) {
        rule_ = &rule;
        for (const ColumnUse& use : column_uses(rule)) check(use.column->path(), use.place());
      }
      declared_elsewhere_ = false;
    }
  }

 private:
  void check(const std::string& path, const Place& place) {
    // The longest leading part that is a fact, as conditions read it.
    std::string fact = path;
    auto row = rules_.lookup("facts", fact);
    while (!row && fact.rfind('.') != std::string::npos) {
      fact.erase(fact.rfind('.'));
      row = rules_.lookup("facts", fact);
    }
    if (!row) {
      if (declared_elsewhere_) return;
      std::string mend = did_you_mean(path, names_);
      if (mend.empty()) mend = "The facts are the rows of the table facts";
      report(place, "no stage sets a fact " + in_quotes(path), std::move(mend));
      return;
    }
    if (fact == path) return;
    const std::string step =
        path.substr(fact.size() + 1, path.find('.', fact.size() + 1) - fact.size() - 1);
    const std::string* type = string_of(row->value.find("type"));
    const bool is_plain = type != nullptr && *type != "map" && *type != "list";
    const Value* fields = row->value.find("fields");
    if (is_plain) {
      report(place, "the fact " + in_quotes(fact) + " is a " + *type + " and has nothing below it",
             "Ask for " + fact);
    } else if (fields != nullptr && !names(*fields, step)) {
      std::vector<std::string> known;
      for (const Value& field : fields->as_list()) known.push_back(fact + "." + field.as_string());
      std::string mend = did_you_mean(fact + "." + step, known);
      if (mend.empty()) mend = "It has " + join_names(known);
      report(place, "the fact " + in_quotes(fact) + " has no field " + in_quotes(step),
             std::move(mend));
    }
  }

  void report(const Place& place, std::string what, std::string mend) {
    Problem problem;
    problem.place = place;
    problem.kind = "unknown-fact";
    problem.decision = std::string(decision_);
    if (rule_ != nullptr) problem.rule = rule_->id;
    problem.what = std::move(what);
    problem.mend = std::move(mend);
    problems_.push_back(std::move(problem));
  }

  const RuleBook& rules_;
  Problems& problems_;
  std::vector<std::string> names_;
  std::string_view decision_;
  bool declared_elsewhere_ = false;
  const Rule* rule_ = nullptr;
};

}  // namespace

void check_facts(const RuleBook& rules, Problems& problems) { FactCheck(rules, problems).run(); }

}  // namespace switchyard::policy
