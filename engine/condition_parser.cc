// parse_conditions: from the YAML of `when` to conditions.
#include <algorithm>

#include "engine/condition.h"
#include "engine/pattern.h"
#include "engine/text.h"
#include "engine/yaml_check.h"

namespace switchyard {

namespace {

using Op = Test::Op;

// What an operator takes beside {fact: PATH}, which all but the structural ones take.
enum class Takes { kAnything, kText, kNumber, kLength, kPattern, kTest, kTests, kList, kFact };

struct Operator {
  const char* name;
  Op op;
  Takes takes;
};

constexpr Operator kOperators[] = {
    {"eq", Op::kEqual, Takes::kAnything},
    {"ne", Op::kNotEqual, Takes::kAnything},
    {"fact", Op::kEqual, Takes::kFact},
    {"in", Op::kIn, Takes::kList},
    {"iequals", Op::kIEquals, Takes::kText},
    {"folds_to", Op::kFoldsTo, Takes::kText},
    {"matches", Op::kMatches, Takes::kPattern},
    {"lt", Op::kLess, Takes::kNumber},
    {"le", Op::kLessEqual, Takes::kNumber},
    {"gt", Op::kGreater, Takes::kNumber},
    {"ge", Op::kGreaterEqual, Takes::kNumber},
    {"longer_than", Op::kLongerThan, Takes::kLength},
    {"shorter_than", Op::kShorterThan, Takes::kLength},
    {"contains", Op::kContains, Takes::kAnything},
    {"starts_with", Op::kStartsWith, Takes::kText},
    {"ends_with", Op::kEndsWith, Takes::kText},
    {"some", Op::kSome, Takes::kTest},
    {"not", Op::kNot, Takes::kTest},
    {"any", Op::kAny, Takes::kTests},
    {"all", Op::kAll, Takes::kTests},
};

class Parser {
 public:
  explicit Parser(const ReadMode& mode) : mode_(mode) {}

  Conjunction conjunction(const YamlNode& when) const {
    require_map(when, "conditions");
    Conjunction clauses;
    for (const YamlEntry& entry : when.entries()) {
      attempt(mode_.faults, [&] { clauses.push_back(clause(entry)); });
    }
    return clauses;
  }

 private:
  Clause clause(const YamlEntry& entry) const {
    Clause clause;
    clause.name = entry.key;
    clause.source = entry.value;
    clause.key_line = entry.key_line;
    clause.key_column = entry.key_column;
    if (entry.key == "not") {
      clause.kind = Clause::Kind::kNot;
      clause.branches.push_back(conjunction(entry.value));
    } else if (entry.key == "any" || entry.key == "all") {
      clause.kind = entry.key == "any" ? Clause::Kind::kAny : Clause::Kind::kAll;
      require_list(entry.value, "`" + entry.key + "`");
      for (const YamlNode& branch : entry.value.items()) {
        clause.branches.push_back(conjunction(branch));
      }
    } else {
      clause.column = column(entry.key, entry.key_place());
      clause.test = test(entry.value);
    }
    return clause;
  }

  Column column(const std::string& path, const Place& place) const {
    const bool empty_step = path.empty() || path.front() == '.' || path.back() == '.' ||
                            path.find("..") != std::string::npos;
    if (empty_step || path.find_first_of(" \t\n{}") != std::string::npos) {
      throw Error(ErrorKind::kUsage, place, "\"" + shorten(path, 60) + "\" is not a column",
                  "A column is the dotted path of a fact, such as config.hidden_act");
    }
    return Column(path);
  }

  Test test(const YamlNode& node) const {
    if (node.is_list()) return any_of(node);
    if (node.is_map()) return operators(node);
    Test test;
    if (node.is_string() && node.text() == "absent") {
      test.op = Op::kAbsent;
    } else if (node.is_string() && node.text() == "present") {
      test.op = Op::kPresent;
    } else {
      test.op = Op::kEqual;
      test.operand = node.value();
    }
    return test;
  }

  // A list of plain values is one look-up in a set; other forms are tried one by one.
  Test any_of(const YamlNode& node) const {
    Test in, any;
    in.op = Op::kIn;
    any.op = Op::kAny;
    for (const YamlNode& item : node.items()) {
      Test part = test(item);
      if (part.op == Op::kEqual && !part.operand_fact) {
        in.members.insert(part.operand);
      } else {
        any.parts.push_back(std::move(part));
      }
    }
    if (any.parts.empty()) return in;
    if (!in.members.empty()) any.parts.insert(any.parts.begin(), std::move(in));
    return any;
  }

  // A map of operators: all of them must hold.
  Test operators(const YamlNode& node) const {
    if (node.entries().empty()) {
      node.fail("a condition without an operator", "Write {eq: {}} for an empty map");
    }
    Test all;
    all.op = Op::kAll;
    for (const YamlEntry& entry : node.entries()) all.parts.push_back(single(entry));
    if (all.parts.size() > 1) return all;
    Test only = std::move(all.parts.front());
    return only;
  }

  Test single(const YamlEntry& entry) const {
    const auto found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                    [&](const Operator& known) { return entry.key == known.name; });
    if (found == std::end(kOperators)) unknown_operator(entry);
    Test test;
    test.op = found->op;
    operand(test, *found, entry.value);
    return test;
  }

  [[noreturn]] void unknown_operator(const YamlEntry& entry) const {
    std::string mend = did_you_mean(entry.key, condition_operators());
    if (mend.empty()) mend = "Operators: " + join_names(condition_operators());
    throw Error(ErrorKind::kUsage, entry.key_place(),
                "\"" + shorten(entry.key, 60) + "\" is not an operator of conditions", mend);
  }

  void operand(Test& result, const Operator& known, const YamlNode& node) const {
    const std::string what = "`" + std::string(known.name) + "`";
    const YamlNode* fact =
        node.is_map() && node.entries().size() == 1 ? node.find("fact") : nullptr;
    const bool takes_fact = known.takes != Takes::kTest && known.takes != Takes::kTests &&
                            known.takes != Takes::kPattern && known.takes != Takes::kFact;
    if (fact != nullptr && takes_fact) {
      result.operand_fact = column(require_text(*fact, "`fact`"), fact->place());
      return;
    }
    switch (known.takes) {
      case Takes::kFact:
        result.operand_fact = column(require_text(node, what), node.place());
        break;
      case Takes::kAnything:
        result.operand = node.value();
        break;
      case Takes::kText:
        if (!node.is_string()) node.fail(what + " needs a text, not " + node.describe());
        result.operand = node.value();
        break;
      case Takes::kNumber:
        require_number(node, what);
        result.operand = node.value();
        break;
      case Takes::kLength:
        if (require_integer(node, what) < 0) node.fail(what + " can't be negative");
        result.operand = node.value();
        break;
      case Takes::kPattern: {
        require_text(node, what);
        auto pattern = std::make_shared<const Pattern>(node);
        if (mode_.check_patterns) pattern->compile();
        result.pattern = std::move(pattern);
        break;
      }
      case Takes::kTest:
        result.parts.push_back(test(node));
        break;
      case Takes::kTests:
        require_list(node, what);
        for (const YamlNode& item : node.items()) result.parts.push_back(test(item));
        break;
      case Takes::kList:
        require_list(node, what);
        for (const YamlNode& item : node.items()) result.members.insert(item.value());
        break;
    }
  }

  ReadMode mode_;
};

}  // namespace

Conjunction parse_conditions(const YamlNode& when, const ReadMode& mode) {
  return Parser(mode).conjunction(when);
}

const std::vector<std::string>& condition_operators() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Operator& known : kOperators) all.emplace_back(known.name);
    return all;
  }();
  return names;
}

}  // namespace switchyard
