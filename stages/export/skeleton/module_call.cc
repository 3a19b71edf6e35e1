#include "stages/export/skeleton/module_call.h"

#include "engine/text.h"

namespace switchyard {
namespace {

enum class Weight { kAny, kEmbedding };

struct Form {
  std::size_t rank;                   // of `weight`
  std::vector<std::string> needed;    // beside it
  std::vector<std::string> optional;  // beside it
  Weight weight;
  const char* call;
  const char* library;
};

// The first that fits. `weight` alone of rank 1 is taken for an RMS norm: layer norms have a bias.
const std::vector<Form>& forms() {
  static const std::vector<Form> table = {
      {1, {"running_mean", "running_var"}, {"bias"}, Weight::kAny, "batch_norm(x)", "norm"},
      {1, {"bias"}, {}, Weight::kAny, "layer_norm(x)", "norm"},
      {1, {}, {}, Weight::kAny, "rms_norm(x)", "norm"},
      {2, {}, {}, Weight::kEmbedding, "Gather($weight, INDICES)", ""},
      {2, {}, {"bias"}, Weight::kAny, "linear(x)", "linear"},
      {3, {}, {"bias"}, Weight::kAny, "Conv(x, $weight, $bias?)", ""},
      {4, {}, {"bias"}, Weight::kAny, "conv(x)", "conv"},
      {5, {}, {"bias"}, Weight::kAny, "Conv(x, $weight, $bias?)", ""},
  };
  return table;
}

bool names_an_embedding(const std::string& name) {
  const std::string folded = fold(name);
  return folded.find("embed") != folded.npos || folded.find("emb") == 0 || folded == "wte" ||
         folded == "wpe";
}

std::string with_indices(std::string call, const std::string& indices) {
  const std::size_t at = call.find("INDICES");
  return at == call.npos ? call : call.replace(at, 7, indices);
}

}  // namespace

std::optional<ModuleCall> module_call(const Scope& scope, const std::string& indices) {
  const Scope::Leaf* weight = scope.find("weight");
  if (weight == nullptr) return std::nullopt;
  for (const Form& form : forms()) {
    if (weight->tensor->shape.size() != form.rank) continue;
    if (form.weight == Weight::kEmbedding && !names_an_embedding(scope.name)) continue;
    ModuleCall module{with_indices(form.call, indices), form.library, {weight}};
    bool fits = true;
    for (const std::string& name : form.needed) {
      const Scope::Leaf* leaf = scope.find(name);
      fits = fits && leaf != nullptr;
      if (leaf != nullptr) module.tensors.push_back(leaf);
    }
    if (!fits) continue;
    for (const std::string& name : form.optional) {
      if (const Scope::Leaf* leaf = scope.find(name)) module.tensors.push_back(leaf);
    }
    return module;
  }
  return std::nullopt;
}

}  // namespace switchyard
