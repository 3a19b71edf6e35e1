#include "engine/check/satisfy.h"

#include <algorithm>

#include "engine/text.h"

namespace switchyard {

namespace {

constexpr int kMostSteps = 20000;

bool formula_holds(const Formula& formula, const Facts& facts) {
  const auto part_holds = [&](const Formula& part) { return formula_holds(part, facts); };
  switch (formula.kind) {
    case Formula::Kind::kLiteral:
      return formula.test->holds(formula.column->read(facts), facts) != formula.negated;
    case Formula::Kind::kAll:
      return std::all_of(formula.parts.begin(), formula.parts.end(), part_holds);
    case Formula::Kind::kAny:
      return std::any_of(formula.parts.begin(), formula.parts.end(), part_holds);
  }
  return false;
}

// Goes through the alternatives one by one, keeping for each column the tests it must meet, and
// turns back where a column can't.
class Search {
 public:
  Search(const std::vector<const Formula*>& formulas, const AllowedValues& allowed)
      : formulas_(formulas), allowed_(allowed) {}

  Answer run() {
    std::vector<const Formula*> open(formulas_.rbegin(), formulas_.rend());
    explore(open);
    if (steps_left_ <= 0 && answer_.verdict == Verdict::kImpossible) {
      answer_.verdict = Verdict::kUnknown;
    }
    return std::move(answer_);
  }

 private:
  struct ColumnState {
    const Column* column;
    std::vector<ColumnLiteral> literals;
    Value witness;
    bool is_proven = true;  // the witness was found
  };

  // True when an example was found and the search is over.
  bool explore(std::vector<const Formula*> open) {
    if (--steps_left_ <= 0) return true;
    while (!open.empty()) {
      const Formula& formula = *open.back();
      if (formula.kind == Formula::Kind::kAny) break;
      open.pop_back();
      if (formula.kind == Formula::Kind::kAll) {
        // Alternatives last: the fewer are open, the fewer are gone through in vain.
        for (const Formula& part : formula.parts) {
          open.insert(part.kind == Formula::Kind::kAny ? open.begin() : open.end(), &part);
        }
        continue;
      }
      if (!assume(formula)) return false;
    }
    if (open.empty()) return conclude();
    const Formula& choice = *open.back();
    open.pop_back();
    for (const Formula& part : choice.parts) {
      const std::vector<ColumnState> before = columns_;
      std::vector<const Formula*> rest = open;
      rest.push_back(&part);
      if (explore(std::move(rest))) return true;
      columns_ = before;
    }
    return false;
  }

  bool assume(const Formula& literal) {
    ColumnState& state = state_of(*literal.column);
    state.literals.push_back({literal.test, literal.negated});
    ColumnAnswer answer = solve_column(state.literals, allowed_for(literal.column->path()));
    state.witness = std::move(answer.witness);
    state.is_proven = answer.verdict == Verdict::kPossible;
    return answer.verdict != Verdict::kImpossible;
  }

  ColumnState& state_of(const Column& column) {
    for (ColumnState& state : columns_) {
      if (state.column->path() == column.path()) return state;
    }
    columns_.push_back({&column, {}, {}, true});
    return columns_.back();
  }

  const std::vector<Value>* allowed_for(const std::string& path) const {
    const auto found = allowed_.find(path);
    return found != allowed_.end() ? &found->second : nullptr;
  }

  // All alternatives are chosen: does the example do what is asked?
  bool conclude() {
    const bool is_proven = std::all_of(columns_.begin(), columns_.end(),
                                       [](const ColumnState& state) { return state.is_proven; });
    Facts facts;
    for (const ColumnState& state : columns_) facts.set(state.column->path(), state.witness);
    const bool holds =
        is_proven && std::all_of(formulas_.begin(), formulas_.end(), [&](const Formula* formula) {
          return formula_holds(*formula, facts);
        });
    if (!holds) {
      answer_.verdict = Verdict::kUnknown;
      return false;
    }
    answer_.verdict = Verdict::kPossible;
    for (const ColumnState& state : columns_) {
      const auto patterns = std::count_if(
          state.literals.begin(), state.literals.end(), [](const ColumnLiteral& literal) {
            return !literal.negated && literal.test->op == Test::Op::kMatches;
          });
      if (patterns > 1) answer_.patterns_meet = true;
      answer_.witness.emplace_back(state.column->path(), state.witness);
    }
    return true;
  }

  const std::vector<const Formula*>& formulas_;
  const AllowedValues& allowed_;
  std::vector<ColumnState> columns_;
  Answer answer_{Verdict::kImpossible, {}, false};
  int steps_left_ = kMostSteps;
};

}  // namespace

std::string Answer::example() const {
  constexpr std::size_t kLimit = 60;
  std::string text;
  for (const auto& [column, value] : witness) {
    if (!text.empty()) text += ", ";
    text += column + ": " + shorten(value.to_json(), kLimit);
  }
  return text;
}

Answer satisfy(const std::vector<const Formula*>& formulas, const AllowedValues& allowed) {
  return Search(formulas, allowed).run();
}

}  // namespace switchyard
