// What the rules say of fitting one checkpoint to its recipe: the decision `weights`
// (rules/weights.yaml) as plain data. Every part remembers the rule that said it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/facts.h"
#include "engine/rule_book.h"
#include "stages/export/weights/tensor_list.h"

namespace switchyard {

// `*` stands for any text, also across dots.
bool glob_matches(std::string_view pattern, std::string_view text);

struct Fitting {
  // A leading part of every name that is no part of the model ("module.").
  struct Strip {
    std::string prefix;
    std::string rule;
  };
  // A scope that recipes or checkpoints may leave out ("bert").
  struct BasePrefix {
    std::string scope;
    std::string rule;
  };
  // Recipes write `of`, some checkpoints write `is`.
  struct Rename {
    bool at_start = false;  // of the name; else at its end
    std::string of;
    std::string is;
    std::string rule;
  };
  // Where `tensor` is not stored, `to` has its numbers.
  struct Tie {
    std::string tensor;
    std::string to;
    std::string rule;
  };
  struct Pattern {
    std::string pattern;
    std::string rule;
  };

  std::vector<Strip> strips;  // in the order in which they are taken off
  std::vector<BasePrefix> base_prefixes;
  std::vector<Rename> renames;
  std::vector<Tie> ties;
  std::vector<Pattern> idle;                // tensors that carry nothing
  std::vector<Pattern> foreign;             // heads that no recipe of this model knows
  std::string other_heads_rule;             // lets the recipe's other heads lie; empty: none does
  std::map<Dtype, std::string> as_float32;  // stored so, seen as float32 -> rule
};

// `facts` has recipe, recipe.prefix, task and config; what the names of the tensors tell is added.
// Throws Error(kModel) when a rule refuses the checkpoint; Error(kUsage) for an output of a rule
// that can't be carried out.
Fitting decide_fitting(const RuleBook& rules, const TensorList& tensors, const Facts& facts);

}  // namespace switchyard
