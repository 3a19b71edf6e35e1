#include "stages/export/skeleton/scope_tree.h"

#include <algorithm>
#include <tuple>

namespace switchyard {

Scope& Scope::child(const std::string& part) {
  for (const auto& known : children) {
    if (known->name == part) return *known;
  }
  children.push_back(std::make_unique<Scope>());
  children.back()->name = part;
  return *children.back();
}

const Scope::Leaf* Scope::find(std::string_view tensor) const {
  for (const Leaf& leaf : tensors) {
    if (leaf.name == tensor) return &leaf;
  }
  return nullptr;
}

std::size_t Scope::count() const {
  std::size_t sum = tensors.size();
  for (const auto& child : children) sum += child->count();
  return sum;
}

bool Scope::is_number() const {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

std::string Scope::form() const {
  std::vector<std::string> parts;
  for (const Leaf& leaf : tensors)
    parts.push_back(leaf.name + ":" + std::to_string(leaf.tensor->shape.size()));
  for (const auto& child : children) parts.push_back(child->name + child->form());
  std::sort(parts.begin(), parts.end());
  std::string text = "{";
  for (const std::string& part : parts) text += part + ";";
  return text + "}";
}

Scope scope_tree(const TensorList& tensors) {
  TensorList ordered = tensors;
  std::stable_sort(ordered.begin(), ordered.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return std::tie(a.tensor->file, a.tensor->offset) < std::tie(b.tensor->file, b.tensor->offset);
  });
  Scope root;
  for (const NamedTensor& one : ordered) {
    Scope* at = &root;
    std::size_t begin = 0;
    for (std::size_t dot; (dot = one.name.find('.', begin)) != std::string::npos; begin = dot + 1)
      at = &at->child(one.name.substr(begin, dot - begin));
    at->tensors.push_back({one.name.substr(begin), one.tensor});
  }
  return root;
}

}  // namespace switchyard
