// The names of a checkpoint's tensors as a recipe sees them.
//
// What varies between checkpoints of one architecture (a wrapper's prefix, the base model's prefix,
// older names, tied weights) is policy, which fitting.h has read. This class carries it out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stages/export/weights/fitting.h"
#include "stages/export/weights/tensor_list.h"

namespace switchyard {

// A tensor that a recipe asked for, and the rules by which its name was found, in order.
struct NameMatch {
  const StoredTensor* tensor = nullptr;  // null: there is none
  std::vector<std::string> rules;
};

class WeightNames {
 public:
  // Keeps the pointers of `tensors`.
  WeightNames(Fitting fitting, const TensorList& tensors);

  // The tensor a recipe means by `name`.
  NameMatch find(std::string_view name) const;
  // Distinct values of the `*` in "encoder.layer.*": "0", "1", ...
  std::size_t count(const std::string& pattern) const;
  // Names near to a missing one, for messages.
  std::string nearest(std::string_view name) const;

  // All tensors by the names that recipes write (wrapper prefixes gone), in the order given.
  const TensorList& tensors() const { return plain_; }
  // Those below a scope, which may lack the base model's part, by their names within it: the
  // checkpoint of the model inside.
  TensorList below(std::string_view scope) const;
  // Whether `plain` is what a recipe's pattern means, the base model's scope there or not.
  bool matches(std::string_view pattern, std::string_view plain) const;

  const Fitting& fitting() const { return fitting_; }

 private:
  // A way in which a recipe's name may stand in the file.
  struct Spelling {
    std::string name;
    const std::string* rule = nullptr;  // null: as it is
  };
  std::vector<Spelling> spellings(std::string_view name) const;
  // How names that begin as `pattern` does may stand in the file.
  std::vector<std::string> patterns(const std::string& pattern) const;
  const StoredTensor* find_exact(std::string_view name) const;
  NameMatch find_stored(std::string_view name) const;

  Fitting fitting_;
  TensorList plain_;
  std::map<std::string, const StoredTensor*, std::less<>> tensors_;  // by plain name
};

}  // namespace switchyard
