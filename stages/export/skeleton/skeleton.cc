#include "stages/export/skeleton/skeleton.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "engine/text.h"
#include "stages/export/skeleton/module_call.h"
#include "stages/export/skeleton/scope_tree.h"

namespace switchyard {
namespace {

// Where comments begin, so that shapes stand below each other.
constexpr std::size_t kScopeColumn = 44;
constexpr std::size_t kCommentColumn = 76;

// Parts of config.json's keys that recipes mostly read.
constexpr std::array<std::string_view, 12> kUsefulKeys = {
    "hidden_act", "activation", "eps",         "epsilon",     "num_heads",     "attention_heads",
    "patch_size", "image_size", "hidden_size", "kernel_size", "hidden_layers", "key_value_heads"};

// Scopes that hold base models of many architectures.
constexpr std::array<std::string_view, 4> kBaseScopes = {"model", "transformer", "base_model",
                                                         "backbone"};

std::string identifier(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += good ? lower_char(c) : '_';
  }
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "t_");
  return name;
}

// A scope or tensor as recipes write it.
bool is_plain(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

std::string shape_text(const StoredTensor& tensor) {
  std::string text = "[";
  for (const std::int64_t dim : tensor.shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

std::string shapes_of(const std::vector<const Scope::Leaf*>& leaves) {
  std::string text;
  for (const Scope::Leaf* leaf : leaves)
    text += (text.empty() ? "" : ", ") + leaf->name + " " + shape_text(*leaf->tensor);
  return text;
}

std::string padded(std::string line, std::size_t column) {
  line.resize(std::max(line.size() + 2, column), ' ');
  return line;
}

std::string join_path(const std::string& outer, const std::string& inner) {
  return outer.empty() ? inner : inner.empty() ? outer : outer + "." + inner;
}

class Writer {
 public:
  Writer(const SkeletonRequest& request, const TensorList& tensors)
      : request_(request), root_(scope_tree(tensors)) {}

  std::string run() {
    const Scope* base = find_base();
    indices_ = first_input();
    std::string graph = "  - x = " + indices_ + "\n";
    std::string head;
    // What stands beside the base model is the task's.
    if (base == nullptr) {
      contents(root_, "", 2, graph);
    } else {
      for (const auto& child : root_.children)
        scope(*child, child->name, child.get() == base ? 2 : 6, child.get() == base ? graph : head);
      Scope loose;
      loose.tensors = root_.tensors;
      contents(loose, "", 6, head);
    }
    return header(base) + lets() + inputs() + blocks() + "\ngraph:\n" + graph + heads(head) +
           "\nignore: ['*.num_batches_tracked']\n";
  }

 private:
  // The scope that most tensors share and others lie beside, where its name says that it is the
  // base model's.
  const Scope* find_base() const {
    for (const auto& child : root_.children) {
      const std::string name = fold(child->name);
      const bool known =
          std::find(kBaseScopes.begin(), kBaseScopes.end(), name) != kBaseScopes.end() ||
          (!request_.model_type.empty() && fold(request_.model_type).starts_with(name));
      if (known && 2 * child->count() > root_.count()) return child.get();
    }
    return nullptr;
  }

  std::string first_input() const {
    return request_.inputs.empty() ? "input" : identifier(request_.inputs.front().name);
  }

  std::string header(const Scope* base) const {
    std::string text =
        "# Written by `switchyard recipe new`; how the modules are wired is still to be said.\n"
        "recipe: " +
        (is_plain(request_.name) ? request_.name : in_quotes(request_.name)) + "\n";
    if (base != nullptr) text += "prefix: " + in_quotes(base->name) + "\n";
    std::string used;
    for (const std::string& library : libraries_) used += (used.empty() ? "" : ", ") + library;
    if (!used.empty()) text += "use: [" + used + "]\n";
    return text;
  }

  std::string lets() const {
    std::string text;
    if (!request_.config.is_map()) return text;
    for (const auto& [key, value] : request_.config.as_map()) {
      const bool plain = value.is_number() || value.is_string() || value.is_bool();
      const bool useful =
          std::any_of(kUsefulKeys.begin(), kUsefulKeys.end(),
                      [&](std::string_view part) { return key.find(part) != key.npos; });
      if (!plain || !useful || key != identifier(key)) continue;
      text += padded("  " + key + ": config." + key, kScopeColumn) + "# " + value.to_json() + "\n";
    }
    return text.empty() ? text : "\nlet:\n" + text;
  }

  static std::string dims_text(const TensorSpec& spec) {
    if (!spec.dims_known) return "[batch_size]";
    std::string text = "[";
    for (const Value& dim : spec.dims) {
      text += text.size() > 1 ? ", " : "";
      text += dim.is_string() ? identifier(dim.as_string()) : dim.to_json();
    }
    return text + "]";
  }

  std::string inputs() const {
    std::string text = "\ninputs:\n";
    for (const TensorSpec& spec : request_.inputs) {
      text += "  " + identifier(spec.name) +
              ": {dtype: " + (spec.dtype.empty() ? "float32" : spec.dtype) +
              ", dims: " + dims_text(spec) + "}\n";
    }
    if (request_.inputs.empty()) text += "  input: {dtype: float32, dims: [batch_size]}\n";
    return text;
  }

  std::string blocks() const { return blocks_.empty() ? "" : "\nblocks:\n" + blocks_; }

  std::string heads(const std::string& statements) const {
    std::string text = "\nheads:\n  " + request_.task + ":\n";
    if (!statements.empty()) text += "    do:\n" + statements;
    text += "    outputs:\n";
    for (const TensorSpec& spec : request_.outputs)
      text += "      " + in_quotes(spec.name) + ": x\n";
    if (request_.outputs.empty()) text += "      output: x\n";
    return text;
  }

  static void line(const std::string& statement, const std::string& scope,
                   const std::string& comment, std::size_t indent, std::string& out) {
    std::string text = std::string(indent, ' ') + "- " + statement;
    if (!scope.empty()) text = padded(std::move(text), kScopeColumn) + "@ " + scope;
    if (!comment.empty()) text = padded(std::move(text), kCommentColumn) + "# " + comment;
    out += text + "\n";
  }

  // A scope that stands at `path` below where the statements run.
  void scope(const Scope& scope, const std::string& path, std::size_t indent, std::string& out) {
    const auto module = module_call(scope, indices_);
    std::set<const Scope::Leaf*> taken;
    if (module) {
      if (!module->library.empty()) libraries_.insert(module->library);
      line("x = " + module->call, path, shapes_of(module->tensors), indent, out);
      taken.insert(module->tensors.begin(), module->tensors.end());
    }
    rest(scope, taken, path, indent, out);
  }

  void contents(const Scope& scope, const std::string& path, std::size_t indent, std::string& out) {
    rest(scope, {}, path, indent, out);
  }

  void rest(const Scope& scope, const std::set<const Scope::Leaf*>& taken, const std::string& path,
            std::size_t indent, std::string& out) {
    for (const Scope::Leaf& leaf : scope.tensors) {
      if (taken.contains(&leaf) || leaf.name == "num_batches_tracked") continue;
      const std::string whole = join_path(path, leaf.name);
      line(identifier(leaf.name) + " = $" + (is_plain(whole) ? whole : "\"" + whole + "\""), {},
           shape_text(*leaf.tensor), indent, out);
    }
    if (loop(scope, path, indent, out)) return;
    for (const auto& child : scope.children) {
      const std::string inner = join_path(path, child->name);
      if (child->is_number() && child->count() > child->tensors.size()) {
        line("x = " + block_for(*child, scope.name) + "(x)", inner, {}, indent, out);
      } else {
        this->scope(*child, inner, indent, out);
      }
    }
  }

  // layer.0, layer.1 ... of one form.
  bool loop(const Scope& scope, const std::string& path, std::size_t indent, std::string& out) {
    if (scope.children.size() < 2) return false;
    const std::string form = scope.children.front()->form();
    for (const auto& child : scope.children) {
      if (!child->is_number() || child->form() != form) return false;
    }
    const std::string block = block_for(*scope.children.front(), scope.name);
    const std::string before(indent, ' ');
    out += before + "- for: i in range(count(" + join_path(path, "*") + "))" + "   # " +
           std::to_string(scope.children.size()) + "\n" + before + "  do:\n";
    line("x = " + block + "(x)", join_path(path, "{i}"), {}, indent + 4, out);
    return true;
  }

  // The name of the block for scopes of this form; it is written when the first of them is met.
  std::string block_for(const Scope& scope, const std::string& owner) {
    const std::string form = scope.form();
    if (const auto known = names_.find(form); known != names_.end()) return known->second;
    std::string base = identifier(owner.empty() ? "part" : owner);
    if (base.size() > 3 && base.ends_with('s') && !base.ends_with("ss")) base.pop_back();
    if (!base.ends_with("block")) base += "_block";  // not a library's `conv`
    std::string name = base;
    for (int number = 2; !block_names_.insert(name).second; ++number)
      name = base + "_" + std::to_string(number);
    names_.emplace(form, name);
    const std::string outer = std::exchange(indices_, "x");  // a block does not see the inputs
    std::string text = "  " + name + "(x):\n";
    this->scope(scope, {}, 4, text);
    text += "    - return x\n";
    indices_ = outer;
    blocks_ += (blocks_.empty() ? "" : "\n") + text;
    return name;
  }

  const SkeletonRequest& request_;
  Scope root_;
  std::string indices_;
  std::string blocks_;
  std::map<std::string, std::string> names_;  // form -> block
  std::set<std::string> block_names_;
  std::set<std::string> libraries_;
};

}  // namespace

std::string recipe_skeleton(const SkeletonRequest& request, const TensorList& tensors) {
  return Writer(request, tensors).run();
}

}  // namespace switchyard
