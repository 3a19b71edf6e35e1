// Model types the program has never heard of, made known by an overlay alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace switchyard {

// A directory with rules/ (an overlay) and model/ (config.json and a checkpoint of zeros).
struct HomemadeModel {
  // `tensors`: names and shapes of float32 weights; `recipe`: the text below `recipe: homemade`.
  HomemadeModel(const std::string& main_input,
                const std::vector<std::pair<std::string, std::vector<int>>>& tensors,
                const std::string& recipe);

  std::string rules() const { return (directory / "rules").string(); }
  std::string model() const { return (directory / "model").string(); }

  TemporaryDirectory directory;
};

}  // namespace switchyard
