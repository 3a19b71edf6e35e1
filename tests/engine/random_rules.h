// Random tables and facts, and an evaluator of rules that is as plain as can be: it reads YAML
// trees again for every decision and knows no index. The engine must agree with it.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/facts.h"
#include "engine/yaml.h"

namespace switchyard {

class RandomRules {
 public:
  explicit RandomRules(unsigned seed) : random_(seed) {}

  // A document `decision: d` with `rules` rules.
  std::string table(int rules, const std::string& hit_policy);
  // A JSON object of facts that such tables ask for.
  std::string facts();

 private:
  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  std::string scalar();
  std::string condition(int depth);
  std::string when(int depth);

  std::mt19937 random_;
};

// Ids of the rules that hold, best first.
std::vector<std::string> naive_decide(const YamlNode& table, const Facts& facts);

}  // namespace switchyard
