// YAML with places: what rule files and recipes are read into before their meaning is known.
//
// YAML 1.2's core types: null, ~ and nothing are null; true and false are booleans (yes, no, on and
// off are strings); whole numbers, also 0x.. and 0o..; floats, .inf and .nan; what is quoted or a
// block scalar is a string. Keys are text as written. Anchors and aliases work, merge keys (<<),
// tags other than !!str and keys that are lists or maps are errors, as is a key given twice.
//
// Hostile files are refused: more than 16 MiB, 100 levels or 2,000,000 nodes (aliases expanded).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/value.h"

namespace switchyard {

struct YamlEntry;

// A node and everything below it; immutable, cheap to copy (shared), safe to read from any thread.
class YamlNode {
 public:
  YamlNode();  // null, no place

  bool is_null() const;    // ~, null or nothing
  bool is_scalar() const;  // neither list nor map; null included
  bool is_list() const;
  bool is_map() const;
  // A scalar's value is a string (quoted, block, or plain text that is no other type).
  bool is_string() const;
  // Written in quotes or as a block scalar.
  bool is_quoted() const;

  // Where it begins: the first character of the scalar, the bracket or the first item or key.
  Place place() const;
  const std::string& file() const;
  int line() const;
  int column() const;

  // A scalar as written, without quotes ("0x10", "~", "true"); empty for lists and maps.
  const std::string& text() const;
  // Items of a list; empty for other kinds.
  const std::vector<YamlNode>& items() const;
  // Entries of a map in the order of the file; empty for other kinds.
  const std::vector<YamlEntry>& entries() const;
  // The value under a key of a map, or null.
  const YamlNode* find(std::string_view key) const;

  // The plain value, without places.
  const Value& value() const;

  // "a list", "a map", "the string \"x\"", "null", "the integer 3": for messages.
  std::string describe() const;
  // Throws Error(kUsage) at this node.
  [[noreturn]] void fail(std::string what, std::string mend = {}) const;

  struct Data;
  explicit YamlNode(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};

struct YamlEntry {
  std::string key;
  Place key_place() const { return {value.file(), key_line, key_column}; }
  int key_line = 0;
  int key_column = 0;
  YamlNode value;
};

// One document. An empty text is null. Throws Error(kUsage) with file:line:column for text that is
// no YAML, breaks a limit, or holds several documents. `first_line` is the line number of the text's
// first line, for a text that is a part of a file.
YamlNode parse_yaml(std::string_view text, const std::string& file, int first_line = 1);

}  // namespace switchyard
