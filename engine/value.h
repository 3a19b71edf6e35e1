// Value: what facts, rule outputs, config.json fields and recipe expressions are made of.
//
// JSON's kinds with integers kept apart from floats. Values are immutable once built and share
// their lists and maps, so a copy costs a reference count whatever its size, and a Value may be
// read from any number of threads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard {

class Value;
using List = std::vector<Value>;

// Keys in the order they were written; duplicates: the last one wins, in the place of the first.
// Lookup is a scan while the map is small and hashed once it is not: label maps have 20,000 keys.
class Map {
 public:
  using Entry = std::pair<std::string, Value>;

  Map() = default;
  Map(std::initializer_list<Entry> entries);

  // Null when there is no such key. The pointer is valid while the Map is not changed.
  const Value* find(std::string_view key) const;
  void set(std::string key, Value value);
  void erase(std::string_view key);
  void reserve(std::size_t size);

  std::size_t size() const;
  bool empty() const;
  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;

  friend bool operator==(const Map& a, const Map& b);  // order does not matter

 private:
  // The position of the key in entries_, or entries_.size().
  std::size_t position(std::string_view key) const;
  void rebuild_slots();
  void claim_slot(std::size_t position);

  std::vector<Entry> entries_;
  // Open addressing over entries_ (position + 1, 0 is free); empty while the map is small.
  std::vector<std::uint32_t> slots_;
};

class Value {
 public:
  enum class Kind { kNull, kBool, kInt, kFloat, kString, kList, kMap };

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  Value(int i) : data_(static_cast<std::int64_t>(i)) {}
  Value(std::int64_t i) : data_(i) {}
  Value(std::uint64_t i) : data_(static_cast<std::int64_t>(i)) {}
  Value(double d) : data_(d) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(List list);
  Value(Map map);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_bool() const { return kind() == Kind::kBool; }
  bool is_int() const { return kind() == Kind::kInt; }
  bool is_float() const { return kind() == Kind::kFloat; }
  bool is_number() const { return is_int() || is_float(); }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_list() const { return kind() == Kind::kList; }
  bool is_map() const { return kind() == Kind::kMap; }

  // Preconditions: the kind matches (as_double also takes an int). Throws std::bad_variant_access
  // otherwise: a programmer's error, callers ask for the kind first.
  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  double as_double() const;
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const List& as_list() const { return *std::get<std::shared_ptr<const List>>(data_); }
  const Map& as_map() const { return *std::get<std::shared_ptr<const Map>>(data_); }

  // The entry of a map, or null when this is no map or has no such key.
  const Value* find(std::string_view key) const;
  // Walks a dotted path ("pretrained_cfg.input_size"); list indices count from 0 ("sizes.0").
  const Value* find_path(std::string_view dotted) const;

  // Numbers compare by value (1 == 1.0, and NaN equals NaN so that a Value equals its copy); maps
  // without regard to order.
  friend bool operator==(const Value& a, const Value& b);

  // "null", "boolean", "integer", "float", "string", "list" or "map", for messages.
  std::string_view kind_name() const;
  // Compact JSON, map keys in their order; NaN and infinities as NaN, Infinity, -Infinity.
  // `indent` >= 0 puts every entry on a line of its own, that many blanks deeper. Bytes that are no
  // UTF-8 become U+FFFD. A float keeps a point or an exponent, so that it reads back as a float.
  std::string to_json(int indent = -1) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string,
               std::shared_ptr<const List>, std::shared_ptr<const Map>>
      data_;
};

}  // namespace switchyard
