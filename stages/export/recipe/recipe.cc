#include "stages/export/recipe/recipe.h"

#include <algorithm>
#include <set>

#include "engine/faults.h"
#include "engine/text.h"
#include "stages/export/recipe/parser.h"
#include "stages/export/recipe/statements.h"

namespace switchyard::recipe {
namespace {

// Libraries may use libraries; a chain longer than this is a circle.
constexpr int kMaxLibraries = 100;

class Loader {
 public:
  Loader(const RuleBook& rules, Faults* faults) : rules_(rules), faults_(faults) {}

  Recipe recipe(const RuleBook::Source& source) {
    attempt(faults_, [&] {
      const YamlNode root = open(source, "recipe");
      allow_only(root, recipe_keys());
      part([&] {
        if (const YamlNode* prefix = root.find("prefix"))
          recipe_.prefix = text_of(*prefix, "prefix");
      });
      part([&] { read_uses(root); });
      part([&] { read_lets(root); });
      part([&] { read_blocks(root, false); });
      part([&] { recipe_.inputs = read_inputs(root); });
      part([&] { read_variants(root); });
      if (const YamlNode* graph = root.find("graph"))
        part([&] { recipe_.graph = read_statements(*graph, faults_); });
      part([&] { read_heads(root); });
      part([&] { read_parts(root); });
      part([&] {
        if (const YamlNode* ignore = root.find("ignore")) recipe_.ignore = read_ignored(*ignore);
      });
    });
    return std::move(recipe_);
  }

  Recipe library(const RuleBook::Source& source) {
    attempt(faults_, [&] {
      const YamlNode root = open(source, "blocks_library");
      allow_only(root, library_keys());
      part([&] { read_uses(root); });
      part([&] { read_blocks(root, false); });
    });
    return std::move(recipe_);
  }

 private:
  // What stands beside a fault is read all the same where faults are collected.
  template <typename Read>
  void part(Read&& read) {
    attempt(faults_, read);
  }

  // `kind`: the key that names the file's contents.
  YamlNode open(const RuleBook::Source& source, const char* kind) {
    recipe_.file = source.file;
    YamlNode root = parse_yaml(source.text, source.file);
    recipe_.documents.push_back(root);
    recipe_.spot = at(root.place());
    if (!root.is_map()) root.fail("a recipe is a map, not " + root.describe());
    const YamlNode* name = root.find(kind);
    if (name == nullptr) root.fail("'" + std::string(kind) + "', the name, is missing");
    recipe_.name = text_of(*name, kind);
    return root;
  }

  // Keeps the file's name alive as long as the recipe: Spots point to it.
  Spot at(const Place& place) {
    for (const std::string& file : *recipe_.files) {
      if (file == place.file) return {&file, place.line, place.column};
    }
    recipe_.files->push_back(place.file);
    return {&recipe_.files->back(), place.line, place.column};
  }

  static std::string text_of(const YamlNode& node, std::string_view what) {
    if (!node.is_scalar() || node.is_null())
      node.fail("'" + std::string(what) + "' must be text, not " + node.describe());
    return node.text();
  }

  void allow_only(const YamlNode& map, const std::vector<std::string>& keys) {
    for (const YamlEntry& entry : map.entries()) {
      if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
      std::string mend = did_you_mean(entry.key, keys);
      if (mend.empty()) mend = "Known here: " + join_names(keys);
      part([&] {
        throw Error(ErrorKind::kUsage, entry.key_place(), "unknown key '" + entry.key + "'", mend);
      });
    }
  }

  void read_uses(const YamlNode& root) {
    const YamlNode* use = root.find("use");
    if (!use) return;
    if (!use->is_list()) use->fail("'use' is a list of block libraries, not " + use->describe());
    for (const YamlNode& item : use->items()) part([&] { read_use(item); });
  }

  void read_use(const YamlNode& item) {
    const std::string name = text_of(item, "use");
    if (!libraries_.insert(name).second) return;
    if (libraries_.size() > kMaxLibraries) item.fail("more than 100 block libraries are used");
    const auto source = rules_.block_library(name);
    if (!source)
      item.fail("there is no block library '" + name + "'",
                "A library is a file with `blocks_library: " + name + "` in graphs/lib/");
    const YamlNode library = parse_yaml(source->text, source->file);
    if (!library.is_map()) library.fail("a block library is a map, not " + library.describe());
    allow_only(library, library_keys());
    recipe_.documents.push_back(library);
    if (const YamlNode* heads = library.find("heads")) {
      kept_.push_back(std::make_unique<YamlNode>(*heads));
      library_heads_.emplace(name, kept_.back().get());
    }
    read_uses(library);
    read_blocks(library, true);
  }

  void read_lets(const YamlNode& root) {
    const YamlNode* lets = root.find("let");
    if (!lets) return;
    if (!lets->is_map())
      lets->fail("'let' is a map of names and expressions, not " + lets->describe());
    for (const YamlEntry& entry : lets->entries()) {
      NamedExpr let{entry.key, at(entry.key_place()), nullptr};
      part([&] { let.value = read_expression(entry.value); });
      recipe_.lets.push_back(std::move(let));
    }
  }

  void read_blocks(const YamlNode& root, bool library) {
    const YamlNode* blocks = root.find("blocks");
    if (!blocks) return;
    if (!blocks->is_map())
      blocks->fail("'blocks' is a map of signatures and statements, not " + blocks->describe());
    for (const YamlEntry& entry : blocks->entries()) part([&] { read_block(entry, library); });
  }

  void read_block(const YamlEntry& entry, bool library) {
    const Spot spot = at(entry.key_place());
    auto [name, parameters] = parse_signature(entry.key, spot);
    Block block(name, std::move(parameters), entry.value, spot, library);
    if (!library) {
      block.parse(faults_);
      recipe_.blocks.insert_or_assign(name, std::move(block));  // a recipe's own block wins
      return;
    }
    const auto [it, added] = recipe_.blocks.try_emplace(name, std::move(block));
    if (!added) {
      throw Error(ErrorKind::kUsage, spot.place(),
                  "block '" + name + "' is already defined at " + it->second.spot().place().str(),
                  "Rename one of them");
    }
  }

  ExprPtr read_dims(const YamlNode& node) {
    ExprPtr dims;
    if (node.is_list()) {
      dims = std::make_unique<Expr>();
      dims->kind = Expr::Kind::kList;
      dims->spot = spot_of(node);
      for (const YamlNode& dim : node.items()) dims->children.push_back(read_expression(dim));
    } else {
      dims = read_expression(node);
    }
    name_axes(*dims);
    return dims;
  }

  // Names that mean nothing else become strings.
  void name_axes(Expr& expr) const {
    static const std::set<std::string> kKnown = {"config", "task", "variant", "options"};
    if (expr.kind == Expr::Kind::kComprehension) return;  // has names of its own
    if (expr.kind == Expr::Kind::kName && !kKnown.contains(expr.text)) {
      const bool is_let = std::any_of(recipe_.lets.begin(), recipe_.lets.end(),
                                      [&](const NamedExpr& let) { return let.name == expr.text; });
      if (!is_let) expr.kind = Expr::Kind::kString;
    }
    const std::size_t first = expr.kind == Expr::Kind::kCall ? 1 : 0;  // not the function's name
    for (std::size_t i = first; i < expr.children.size(); ++i) {
      if (expr.children[i]) name_axes(*expr.children[i]);
    }
    for (Argument& argument : expr.args) name_axes(*argument.value);
  }

  std::vector<Input> read_inputs(const YamlNode& owner) {
    std::vector<Input> result;
    const YamlNode* inputs = owner.find("inputs");
    if (!inputs || !inputs->is_map())
      owner.fail("'inputs', a map of names, is missing", "See docs/recipes.md, Keys of a recipe");
    for (const YamlEntry& entry : inputs->entries())
      part([&] { result.push_back(read_input(entry)); });
    return result;
  }

  Input read_input(const YamlEntry& entry) {
    allow_only(entry.value, input_keys());
    Input input;
    input.name = entry.key;
    input.spot = at(entry.key_place());
    const YamlNode* dtype = entry.value.find("dtype");
    const YamlNode* dims = entry.value.find("dims");
    if (!dtype || !dims || dims->is_map()) {
      throw Error(ErrorKind::kUsage, entry.key_place(),
                  "input '" + entry.key + "' needs 'dtype' and a list 'dims'",
                  "{dtype: int64, dims: [batch_size, sequence_length]}");
    }
    input.dtype = text_of(*dtype, "dtype");
    input.dims = read_dims(*dims);
    if (const YamlNode* when = entry.value.find("when")) input.when = read_expression(*when);
    return input;
  }

  void read_variants(const YamlNode& root) {
    const YamlNode* node = root.find("variants");
    if (!node) return;
    allow_only(*node, variants_keys());
    const YamlNode* key = node->find("key");
    const YamlNode* rows = node->find("rows");
    if (!key || !rows || !rows->is_map())
      node->fail("'variants' needs 'key' and a map 'rows'", "See docs/recipes.md, Variants");
    Variants variants;
    variants.key = read_expression(*key);
    if (const YamlNode* defaults = node->find("defaults")) variants.defaults = defaults->value();
    for (const YamlEntry& entry : rows->entries())
      part([&] { variants.rows.emplace(entry.key, read_row(*rows, entry)); });
    recipe_.variants = std::move(variants);
  }

  Variants::Row read_row(const YamlNode& rows, const YamlEntry& entry) {
    if (!entry.value.is_map())
      entry.value.fail("a row of 'variants' is a map, not " + entry.value.describe());
    Variants::Row row;
    row.values = entry.value.value();
    row.spot = at(entry.key_place());
    const YamlNode* like = entry.value.find("like");
    if (like == nullptr) return row;
    row.like = text_of(*like, "like");
    if (!rows.find(row.like)) {
      std::vector<std::string> names;
      for (const YamlEntry& other : rows.entries()) names.push_back(other.key);
      like->fail("there is no row '" + row.like + "' to be like", did_you_mean(row.like, names));
    }
    return row;
  }

  std::vector<Ignored> read_ignored(const YamlNode& node) {
    std::vector<Ignored> result;
    auto one = [&](const YamlNode& item) {
      if (item.is_map()) {
        for (const YamlEntry& entry : item.entries()) {
          result.push_back({entry.key, read_expression(entry.value), at(entry.key_place())});
        }
      } else {
        result.push_back({text_of(item, "ignore"), nullptr, at(item.place())});
      }
    };
    if (node.is_list()) {
      for (const YamlNode& item : node.items()) one(item);
    } else {
      one(node);
    }
    return result;
  }

  // The recipe's own heads, then those of the libraries under `use_heads` for tasks it has none for.
  void read_heads(const YamlNode& root) {
    if (const YamlNode* own = root.find("heads")) head_maps_.push_back(own);
    if (const YamlNode* use = root.find("use_heads")) {
      for (const YamlNode& item : use->is_list() ? use->items() : std::vector<YamlNode>{*use}) {
        const std::string name = text_of(item, "use_heads");
        const auto found = library_heads_.find(name);
        if (found == library_heads_.end()) {
          std::vector<std::string> names;
          for (const auto& [known, node] : library_heads_) names.push_back(known);
          item.fail("no block library under 'use' is called '" + name + "' and has heads",
                    names.empty() ? "Name the library under 'use', too" : "Those that do: " + join_names(names));
        }
        head_maps_.push_back(found->second);
      }
    }
    for (const YamlNode* heads : head_maps_) {
      if (!heads->is_map()) heads->fail("'heads' is a map of tasks, not " + heads->describe());
      for (const YamlEntry& entry : heads->entries()) {
        if (recipe_.head(entry.key) != nullptr) continue;
        Head head;
        head.task = entry.key;
        head.spot = at(entry.key_place());
        part([&] {
          read_head(entry.value, head, 0);
          need_outputs(head, entry);
        });
        recipe_.heads.push_back(std::move(head));
      }
    }
    if (recipe_.heads.empty())
      root.fail("a recipe needs 'heads', a map of tasks", "See docs/recipes.md, Heads");
  }

  const YamlNode* find_head(std::string_view task) const {
    for (const YamlNode* heads : head_maps_) {
      if (const YamlNode* head = heads->find(task)) return head;
    }
    return nullptr;
  }

  static void need_outputs(const Head& head, const YamlEntry& entry) {
    if (!head.outputs.empty()) return;
    throw Error(ErrorKind::kUsage, entry.key_place(), "'" + entry.key + "' has no outputs",
                "outputs: {logits: logits}");
  }

  void read_parts(const YamlNode& root) {
    const YamlNode* parts = root.find("parts");
    if (!parts) return;
    if (!parts->is_map())
      parts->fail("'parts' is a map of names, not " + parts->describe(),
                  "parts: {encoder: {inputs: ..., do: ..., outputs: ...}}");
    for (const YamlEntry& entry : parts->entries()) part([&] { read_part(entry); });
  }

  void read_part(const YamlEntry& entry) {
    if (!entry.value.is_map())
      entry.value.fail("a part is a map with 'inputs', 'do' and 'outputs', not " +
                       entry.value.describe());
    allow_only(entry.value, part_keys());
    Part result;
    result.inputs = read_inputs(entry.value);
    result.head.task = entry.key;
    result.head.spot = at(entry.key_place());
    read_outcome(entry.value, result.head);
    need_outputs(result.head, entry);
    recipe_.parts.push_back(std::move(result));
  }

  // A head's own keys replace those of the head it is like.
  void read_head(const YamlNode& node, Head& head, int depth) {
    if (!node.is_map())
      node.fail("a head is a map with 'do' and 'outputs', not " + node.describe());
    allow_only(node, head_keys());
    if (const YamlNode* like = node.find("like")) {
      const YamlNode* other = find_head(text_of(*like, "like"));
      if (!other) {
        std::vector<std::string> tasks;
        for (const YamlNode* heads : head_maps_) {
          for (const YamlEntry& entry : heads->entries()) tasks.push_back(entry.key);
        }
        like->fail("there is no head '" + like->text() + "' to be like",
                   did_you_mean(like->text(), tasks));
      }
      if (depth > 20) like->fail("heads are like each other in a circle");
      read_head(*other, head, depth + 1);
    }
    read_outcome(node, head);
  }

  // What heads and parts have in common.
  void read_outcome(const YamlNode& node, Head& head) {
    if (const YamlNode* statements = node.find("do"))
      head.statements = read_statements(*statements, faults_);
    if (const YamlNode* outputs = node.find("outputs")) {
      if (!outputs->is_map())
        outputs->fail("'outputs' is a map of names and expressions, not " + outputs->describe());
      head.outputs.clear();
      for (const YamlEntry& entry : outputs->entries()) {
        NamedExpr output{entry.key, at(entry.key_place()), nullptr};
        part([&] { output.value = read_expression(entry.value); });
        head.outputs.push_back(std::move(output));
      }
    }
    if (const YamlNode* axes = node.find("axes")) head.axes = axes->value();
    if (const YamlNode* ignore = node.find("ignore")) head.ignore = read_ignored(*ignore);
  }

  const RuleBook& rules_;
  Faults* const faults_;
  Recipe recipe_;
  std::set<std::string> libraries_;
  std::vector<std::unique_ptr<YamlNode>> kept_;
  std::map<std::string, const YamlNode*> library_heads_;
  std::vector<const YamlNode*> head_maps_;  // the recipe's own first
};

}  // namespace

Block::Block(std::string name, std::vector<Parameter> parameters, YamlNode body, Spot spot,
             bool library)
    : name_(std::move(name)),
      parameters_(std::move(parameters)),
      body_(std::move(body)),
      spot_(spot),
      library_(library) {}

const Statements& Block::statements() const {
  parse(nullptr);
  return *parsed_;
}

void Block::parse(Faults* faults) const {
  if (!parsed_) parsed_ = read_statements(body_, faults);
}

const Head* Recipe::head(std::string_view task) const {
  for (const Head& head : heads) {
    if (head.task == task) return &head;
  }
  return nullptr;
}

const Part* Recipe::part(std::string_view name) const {
  for (const Part& part : parts) {
    if (part.head.task == name) return &part;
  }
  return nullptr;
}

const std::vector<std::string>& recipe_keys() {
  static const std::vector<std::string> keys{"recipe", "description", "prefix",   "use",
                                             "let",    "inputs",      "variants", "blocks",
                                             "graph",  "heads",       "use_heads", "parts", "ignore"};
  return keys;
}

const std::vector<std::string>& library_keys() {
  static const std::vector<std::string> keys{"blocks_library", "description", "use", "blocks", "heads"};
  return keys;
}

const std::vector<std::string>& input_keys() {
  static const std::vector<std::string> keys{"dtype", "dims", "when"};
  return keys;
}

const std::vector<std::string>& variants_keys() {
  static const std::vector<std::string> keys{"key", "defaults", "rows"};
  return keys;
}

const std::vector<std::string>& head_keys() {
  static const std::vector<std::string> keys{"like", "do", "outputs", "axes", "ignore"};
  return keys;
}

const std::vector<std::string>& part_keys() {
  static const std::vector<std::string> keys{"inputs", "do", "outputs", "axes", "ignore"};
  return keys;
}

Recipe load_recipe(const RuleBook& rules, const std::string& name) {
  const auto source = rules.recipe(name);
  if (!source) {
    std::string mend = did_you_mean(name, rules.recipes());
    throw Error(ErrorKind::kModel, {}, "there is no graph recipe '" + name + "'",
                mend.empty() ? "Add a file with `recipe: " + name +
                                   "` in an overlay directory (--rules DIR; docs/recipes.md)"
                             : mend);
  }
  return read_recipe(rules, *source, nullptr);
}

Recipe read_recipe(const RuleBook& rules, const RuleBook::Source& source, Faults* faults) {
  return Loader(rules, faults).recipe(source);
}

Recipe read_library(const RuleBook& rules, const RuleBook::Source& source, Faults* faults) {
  return Loader(rules, faults).library(source);
}

}  // namespace switchyard::recipe
