// Inside stages/optimize: 16-bit weights outside the graph, kept out of the optimizer's sight.
//
// A referenced 16-bit weight reaches its readers through a Cast to float32. ONNX Runtime's constant
// folding would run that Cast and write the result: twice the weight's bytes, in memory and in the
// file. So the Cast's result is made an input of the graph while the optimizer runs, and Cast and
// weight are put back afterwards.
#pragma once

#include <memory>

namespace onnx {
class ModelProto;
}

namespace switchyard {

class HeldWeights {
 public:
  HeldWeights();  // nothing
  // Takes the Casts out of `model`, and whatever only they read. Not taken: small weights (their
  // copies cost little and may become scalars that the optimizer simplifies with), and those that
  // the optimizer merges with their neighbours, such as a Conv's in front of a BatchNormalization.
  explicit HeldWeights(onnx::ModelProto& model);
  ~HeldWeights();

  bool empty() const;
  // Into what became of that model; a weight that nothing reads any more is left out.
  void put_back(onnx::ModelProto& model) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace switchyard
