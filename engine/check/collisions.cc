// Rules against each other: contradictory, shadowed, overlapping.
#include <algorithm>

#include "engine/check/rule_pairs.h"
#include "engine/check/table_checks.h"
#include "engine/text.h"

namespace switchyard {

namespace {

// Rules that together may shadow one: more make no readable message, and cost time.
constexpr std::size_t kMostTogether = 64;

class CollisionCheck {
 public:
  CollisionCheck(const DecisionTable& table, const AllowedValues& allowed, Problems& problems)
      : table_(table), allowed_(allowed), problems_(problems), pairs_(table.rules()) {
    for (const Rule& rule : table.rules()) {
      holds_.push_back(formula_of(rule.when));
      fails_.push_back(formula_of(rule.when, true));
    }
  }

  void run() {
    check_disjoint();
    for (std::size_t rank = 0; rank < holds_.size(); ++rank) {
      if (is_contradictory(rank)) continue;
      const std::vector<std::size_t> better = pairs_.better(rank);
      if (table_.hit_policy() == HitPolicy::kCollect) continue;
      if (table_.hit_policy() != HitPolicy::kUnique && is_shadowed(rank, better)) continue;
      for (const std::size_t other : better) check_overlap(rank, other);
    }
  }

 private:
  const Rule& rule(std::size_t rank) const { return table_.rules()[rank]; }

  Problem& report(std::size_t rank, std::string kind, std::string what, std::string mend) {
    problems_.push_back(
        rule_problem(table_, rule(rank), std::move(kind), std::move(what), std::move(mend)));
    return problems_.back();
  }

  void collide(Problem& problem, std::size_t other) const {
    problem.other_rule = rule(other).id;
    problem.other_place = rule(other).node.place();
  }

  bool is_contradictory(std::size_t rank) {
    // A value that can't be is said to be so.
    const bool is_said =
        std::any_of(problems_.begin(), problems_.end(), [&](const Problem& problem) {
          return problem.kind == "unknown-value" && problem.decision == table_.name() &&
                 problem.rule == rule(rank).id;
        });
    if (is_said) return true;
    if (satisfy({&holds_[rank]}, allowed_).verdict != Verdict::kImpossible) return false;
    const YamlNode* when = rule(rank).node.find("when");
    Problem& problem = report(rank, "contradictory", "the rule can never hold: " + culprit(rank),
                              "Correct its conditions, or remove the rule");
    if (when != nullptr) problem.place = when->place();
    return true;
  }

  // Which conditions exclude each other: one that can't hold by itself, or the least prefix that
  // can't hold together.
  std::string culprit(std::size_t rank) const {
    const Conjunction& when = rule(rank).when;
    Conjunction some;
    for (const Clause& clause : when) {
      const Conjunction single{clause};
      const Formula alone = formula_of(single);
      if (satisfy({&alone}, allowed_).verdict == Verdict::kImpossible) {
        return "no value meets `" + clause.name + "`";
      }
    }
    for (const Clause& clause : when) {
      some.push_back(clause);
      const Formula together = formula_of(some);
      if (satisfy({&together}, allowed_).verdict == Verdict::kImpossible) {
        return "`" + clause.name + "` excludes the conditions before it";
      }
    }
    return "its conditions exclude each other";
  }

  bool is_shadowed(std::size_t rank, const std::vector<std::size_t>& better) {
    for (const std::size_t other : better) {
      if (!covers({other}, rank)) continue;
      report_shadow(rank, {other});
      return true;
    }
    if (better.size() < 2 || better.size() > kMostTogether || !covers(better, rank)) return false;
    // Named are only those that it takes.
    std::vector<std::size_t> needed = better;
    for (const std::size_t other : better) {
      std::vector<std::size_t> fewer = needed;
      std::erase(fewer, other);
      if (covers(fewer, rank)) needed = std::move(fewer);
    }
    report_shadow(rank, needed);
    return true;
  }

  // Wherever `rank` holds, one of `others` does.
  bool covers(const std::vector<std::size_t>& others, std::size_t rank) const {
    std::vector<const Formula*> all{&holds_[rank]};
    for (const std::size_t other : others) all.push_back(&fails_[other]);
    return satisfy(all, allowed_).verdict == Verdict::kImpossible;
  }

  void report_shadow(std::size_t rank, const std::vector<std::size_t>& others) {
    std::vector<std::string> ids;
    for (const std::size_t other : others) ids.push_back("\"" + rule(other).id + "\"");
    const std::string all =
        others.size() == 1 ? ids.front() + " holds" : "one of " + join_names(ids) + " holds";
    const std::size_t first = others.front();
    if (others.size() == 1 && rule(first).layer > rule(rank).layer) {
      Problem& problem = report(first, "shadowed",
                                "the rule leaves nothing to \"" + rule(rank).id +
                                    "\" of an earlier layer, which can never win now",
                                "Give it the id \"" + rule(rank).id +
                                    "\" to replace that rule, disable that rule, "
                                    "or narrow the conditions");
      collide(problem, rank);
      return;
    }
    std::string mend = is_first() ? "Put it before " : "Give it a higher priority than ";
    mend += std::string(others.size() == 1 ? "that rule" : "them") + ", or remove it";
    collide(report(rank, "shadowed",
                   "the rule can never win: wherever it holds, " + all + " and comes first",
                   std::move(mend)),
            first);
  }

  bool is_first() const { return table_.hit_policy() == HitPolicy::kFirst; }

  bool differ(std::size_t a, std::size_t b) const {
    const YamlNode* first = rule(a).node.find("then");
    const YamlNode* second = rule(b).node.find("then");
    return first == nullptr || second == nullptr || !(first->value() == second->value());
  }

  bool are_declared_disjoint(std::size_t a, std::size_t b) const {
    const auto has = [](const DisjointRules& group, const std::string& id) {
      return std::find(group.ids.begin(), group.ids.end(), id) != group.ids.end();
    };
    return std::any_of(table_.disjoint().begin(), table_.disjoint().end(),
                       [&](const DisjointRules& group) {
                         return has(group, rule(a).id) && has(group, rule(b).id);
                       });
  }

  void check_overlap(std::size_t rank, std::size_t other) {
    const bool unique = table_.hit_policy() == HitPolicy::kUnique;
    if (is_first()) return;
    if (!unique && (rule(rank).priority != rule(other).priority || !differ(rank, other))) return;
    if (are_declared_disjoint(rank, other)) return;
    const Answer answer = satisfy({&holds_[rank], &holds_[other]}, allowed_);
    if (answer.verdict == Verdict::kImpossible) return;
    // The one to blame came later: by layer, then by its place in the file.
    const auto later = [&](std::size_t a, std::size_t b) {
      if (rule(a).layer != rule(b).layer) return rule(a).layer > rule(b).layer;
      return a > b;
    };
    const std::size_t blamed = later(rank, other) ? rank : other;
    const std::size_t known = blamed == rank ? other : rank;
    const bool certain = answer.verdict == Verdict::kPossible && !answer.patterns_meet;
    std::string what = unique
                           ? "the decision is unique, and this rule and \"" + rule(known).id + "\""
                           : "this rule and \"" + rule(known).id + "\" of the same priority " +
                                 std::to_string(rule(blamed).priority);
    what += certain ? " hold together" : " may hold together";
    if (!unique) what += ", with different outputs";
    if (answer.verdict == Verdict::kPossible && !answer.witness.empty()) {
      what += ", for example with " + answer.example();
    }
    std::string mend = unique ? "Narrow the conditions of one of them"
                              : "Give one of them another priority, or narrow its conditions";
    if (rule(blamed).layer > rule(known).layer && !unique) {
      mend += ", or give it the id \"" + rule(known).id + "\" to replace that rule";
    }
    if (!certain) mend += "; where they never do, declare it under `disjoint`";
    Problem& problem = report(blamed, "overlap", std::move(what), std::move(mend));
    if (!certain) problem.severity = Problem::Severity::kWarning;
    collide(problem, known);
  }

  void check_disjoint() {
    std::vector<std::string> ids;
    for (const Rule& rule : table_.rules()) ids.push_back(rule.id);
    for (const DisjointRules& group : table_.disjoint()) {
      for (std::size_t i = 0; i < group.ids.size(); ++i) {
        if (std::find(ids.begin(), ids.end(), group.ids[i]) != ids.end()) continue;
        Problem problem;
        problem.place = group.node.items()[i].place();
        problem.kind = "unknown-rule";
        problem.decision = table_.name();
        problem.what = "`disjoint` names the rule \"" + group.ids[i] + "\", which is not there";
        problem.mend = did_you_mean(group.ids[i], ids);
        problems_.push_back(std::move(problem));
      }
    }
  }

  const DecisionTable& table_;
  const AllowedValues& allowed_;
  Problems& problems_;
  RulePairs pairs_;
  std::vector<Formula> holds_, fails_;
};

}  // namespace

Problem rule_problem(const DecisionTable& table, const Rule& rule, std::string kind,
                     std::string what, std::string mend) {
  Problem problem;
  problem.place = rule.node.place();
  problem.kind = std::move(kind);
  problem.decision = table.name();
  problem.rule = rule.id;
  problem.what = std::move(what);
  problem.mend = std::move(mend);
  return problem;
}

void check_collisions(const DecisionTable& table, const AllowedValues& allowed,
                      Problems& problems) {
  CollisionCheck(table, allowed, problems).run();
}

}  // namespace switchyard
