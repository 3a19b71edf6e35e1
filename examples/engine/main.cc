// Decides by the rules of a YAML file what sending a parcel costs, and says why.
//
//   shipping RULES.yaml NAME=VALUE...     shipping shipping.yaml country=Japan weight=2.5
//   express=true
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/json.h"
#include "engine/rule_book.h"

namespace {

using namespace switchyard;

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(ErrorKind::kModel, {file}, "can't be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

// "weight=2.5" sets a number, "country=Japan" a text.
void set_fact(Facts& facts, const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == std::string::npos) {
    throw Error(ErrorKind::kUsage, {}, "'" + argument + "' is no fact", "Write NAME=VALUE");
  }
  const std::string name = argument.substr(0, equals), text = argument.substr(equals + 1);
  try {
    facts.set(name, parse_json(text, "argument"));
  } catch (const Error&) {  // no JSON: a plain word
    facts.set(name, text);
  }
}

double number(const Outcome& outcome, const char* name) {
  const Value* value = outcome.get(name);
  return value != nullptr && value->is_number() ? value->as_double() : 0;
}

std::string fate(const Considered& rule) {
  if (rule.won) return "won";
  return rule.held ? "holds, but another stands above it" : "no: " + rule.failed_condition;
}

void explain(const Explanation& why) {
  for (const Considered& rule : why.rules) {
    std::printf("    %-16s %s\n", std::string(rule.rule.id).c_str(), fate(rule).c_str());
  }
}

int run(int argc, char** argv) {
  if (argc < 2) throw Error(ErrorKind::kUsage, {}, "give a rule file and facts");
  // All faults of the file are found here; a decision below can only lack a fact.
  const auto book = RuleBook::from_texts({{argv[1], read_file(argv[1])}});
  Facts facts;
  for (int i = 2; i < argc; ++i) set_fact(facts, argv[i]);
  if (const Value* country = facts.find("country"); country != nullptr && country->is_string()) {
    const auto row = book->lookup("countries", country->as_string());
    if (row) facts.set("zone", *row->value.find("zone"));
  }

  Explanation why;
  const auto carrier = book->decide("carrier", facts, &why);
  if (!carrier) throw Error(ErrorKind::kCheck, {}, "no rule says who takes the parcel");
  std::printf("by rule %s (%s)\n", std::string(carrier->rule.id).c_str(),
              carrier->rule.place().str().c_str());
  explain(why);
  for (const std::string& warning : carrier->warnings) std::printf("note: %s\n", warning.c_str());
  if (const Value* refused = carrier->get("refused")) {
    std::printf("refused: %s\n", refused->as_string().c_str());
    return 3;
  }

  const Value* weight = facts.find("weight");
  double price = number(*carrier, "price");
  if (weight != nullptr && weight->is_number()) {
    price += number(*carrier, "per_kilogram") * weight->as_double();
  }
  std::printf("carrier: %s, %.2f\n", carrier->get("carrier")->as_string().c_str(), price);
  for (const Outcome& extra : book->collect("surcharge", facts)) {
    std::printf("and %s: %.2f\n", extra.get("what")->as_string().c_str(), number(extra, "price"));
    price += number(extra, "price");
  }
  std::printf("total: %.2f\n", price);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    std::fprintf(stderr, "shipping: %s\n", error.what());
    return error.exit_status();
  }
}
