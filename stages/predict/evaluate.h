// How well a model does its task on labelled data, measured as the decision `evaluator` says.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "engine/error.h"
#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/checkpoint/checkpoint.h"

namespace switchyard {

// The outputs of the evaluator's rule (rules/evaluators.yaml says what each means), and its place.
struct EvaluatorChoice {
  Value outputs;
  Place place;
};

struct Evaluation {
  std::string metric;  // its key in JSON: "top1"
  std::string label;   // its name in a table: "top-1", "k-NN (k = 20)"
  std::size_t images = 0;
  std::size_t correct = 0;
  Map parameters;  // what was chosen for this data: {neighbours: 1}
  double accuracy() const { return images == 0 ? 0.0 : static_cast<double>(correct) / images; }
};

// `data` has one sub-folder a class. Throws Error(kUsage) at the rule's place for an evaluator or
// parameter that is none, Error(kModel) for a model or data that it can't be used with.
Evaluation evaluate(const RuleBook& rules, const std::filesystem::path& onnx_file,
                    const ModelSource& checkpoint, const EvaluatorChoice& evaluator,
                    const std::filesystem::path& data, int threads = 0);

}  // namespace switchyard
