// parse_output, parse_format, parse_warnings: from the YAML of `then` and `warn`.
#include <algorithm>

#include "engine/output.h"
#include "engine/text.h"
#include "engine/yaml_check.h"

namespace switchyard {

namespace {

Column parse_column(const YamlNode& node, std::string_view what) {
  const std::string& path = require_text(node, what);
  if (path.find_first_of(" \t\n{}") != std::string::npos) {
    node.fail(std::string(what) + " needs the dotted path of a fact, not " + node.describe());
  }
  return Column(path);
}

Format parse_format_text(const YamlNode& node, const std::string& text) {
  Format format;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      plain += c;
      ++i;
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      const std::string_view path = end == std::string::npos
                                        ? std::string_view{}
                                        : trim(std::string_view(text).substr(i + 1, end - i - 1));
      if (path.empty() || path.find_first_of(" {") != std::string_view::npos) {
        node.fail("a '{' that does not begin the name of a fact", "Write {{ for a brace itself");
      }
      format.parts.push_back({std::move(plain), Column(path)});
      plain.clear();
      i = end;
    } else if (c == '}') {
      node.fail("a '}' without '{'", "Write }} for a brace itself");
    } else {
      plain += c;
    }
  }
  if (!plain.empty()) format.parts.push_back({std::move(plain), std::nullopt});
  return format;
}

class Parser {
 public:
  Parser(const KnowledgeReader& knowledge, Faults* faults)
      : knowledge_(knowledge), faults_(faults) {}

  Template parse(const YamlNode& node) const {
    Template result;
    result.source = node;
    if (node.is_map() && parse_reference(node, result)) return result;
    if (node.is_map()) {
      result.kind = Template::Kind::kMap;
      for (const YamlEntry& entry : node.entries()) {
        attempt(faults_, [&] {
          result.items.push_back(parse(entry.value));
          result.keys.push_back(entry.key);
        });
      }
    } else if (node.is_list()) {
      result.kind = Template::Kind::kList;
      for (const YamlNode& item : node.items()) result.items.push_back(parse(item));
    } else {
      result.literal = node.value();
      return result;
    }
    fold_literals(node, result);
    return result;
  }

 private:
  // A map or list of literals only is one shared literal.
  static void fold_literals(const YamlNode& node, Template& result) {
    const auto is_plain = [](const Template& item) {
      return item.kind == Template::Kind::kLiteral && item.literal == item.source.value();
    };
    if (!std::all_of(result.items.begin(), result.items.end(), is_plain)) return;
    result.kind = Template::Kind::kLiteral;
    result.literal = node.value();
    result.items.clear();
    result.keys.clear();
  }

  bool parse_reference(const YamlNode& node, Template& result) const {
    if (node.entries().size() != 1) return false;
    const auto& [key, line, column, value] = node.entries().front();
    const auto& forms = output_forms();
    if (std::find(forms.begin(), forms.end(), key) == forms.end()) return false;
    if (key == "literal") {
      result.kind = Template::Kind::kLiteral;
      result.literal = value.value();
    } else if (key == "fact" || key == "first") {
      result.kind = key == "fact" ? Template::Kind::kFact : Template::Kind::kFirst;
      result.column = parse_column(value, "`" + key + "`");
    } else if (key == "format") {
      result.kind = Template::Kind::kFormat;
      result.format = parse_format(value);
    } else if (key == "lookup") {
      result.kind = Template::Kind::kLookup;
      parse_lookup(value, result);
    } else {
      return false;
    }
    return true;
  }

  void parse_lookup(const YamlNode& node, Template& result) const {
    require_known_keys(node, lookup_keys(), "`lookup`");
    const YamlNode* table = node.find("table");
    const YamlNode* key = node.find("key");
    if (table == nullptr || key == nullptr) {
      node.fail("`lookup` needs a table and a key",
                "Write {lookup: {table: NAME, key: FACT, field: FIELD}}");
    }
    result.table = require_text(*table, "`table`");
    if (!knowledge_.has_table(result.table)) {
      table->fail("there is no knowledge table \"" + result.table + "\"");
    }
    if (key->is_map()) {
      result.items.push_back(parse(*key));
    } else {
      Template fact;
      fact.kind = Template::Kind::kFact;
      fact.column = parse_column(*key, "`key`");
      fact.source = *key;
      result.items.push_back(std::move(fact));
    }
    const YamlNode* fallback = node.find("default");
    result.items.push_back(fallback != nullptr ? parse(*fallback) : Template{});
    if (const YamlNode* field = node.find("field")) parse_field(*field, result);
  }

  // "a.b" is a path; a list gives the steps, each of which may hold dots or a {fact}.
  static void parse_field(const YamlNode& field, Template& result) {
    if (field.is_list()) {
      for (const YamlNode& step : field.items()) result.field.push_back(parse_format(step));
      return;
    }
    result.field.push_back(parse_format(field));
  }

  const KnowledgeReader& knowledge_;
  Faults* faults_;
};

Warning parse_warning(const YamlNode& node, const ReadMode& mode) {
  Warning warning;
  if (!node.is_map()) {
    warning.text = parse_format(node);
    warning.source = node;
    return warning;
  }
  require_known_keys(node, warning_keys(), "`warn`");
  const YamlNode* text = node.find("text");
  if (text == nullptr) node.fail("`warn` needs a text");
  warning.text = parse_format(*text);
  warning.source = *text;
  if (const YamlNode* when = node.find("when")) {
    warning.when = parse_conditions(*when, mode);
  }
  return warning;
}

}  // namespace

Template parse_output(const YamlNode& node, const KnowledgeReader& knowledge, Faults* faults) {
  return Parser(knowledge, faults).parse(node);
}

Format parse_format(const YamlNode& node) {
  if (!node.is_string())
    node.fail("a text with {fact} references is needed, not " + node.describe());
  return parse_format_text(node, node.text());
}

std::vector<Warning> parse_warnings(const YamlNode& node, const ReadMode& mode) {
  std::vector<Warning> warnings;
  if (node.is_list()) {
    for (const YamlNode& item : node.items()) {
      attempt(mode.faults, [&] { warnings.push_back(parse_warning(item, mode)); });
    }
  } else {
    warnings.push_back(parse_warning(node, mode));
  }
  return warnings;
}

const std::vector<std::string>& output_forms() {
  static const std::vector<std::string> forms{"fact", "first", "format", "lookup", "literal"};
  return forms;
}

const std::vector<std::string>& lookup_keys() {
  static const std::vector<std::string> keys{"table", "key", "field", "default"};
  return keys;
}

const std::vector<std::string>& warning_keys() {
  static const std::vector<std::string> keys{"when", "text"};
  return keys;
}

}  // namespace switchyard
