// Item: a value while a recipe is evaluated. Plain data (Value), or what only exists during an
// export: tensors of the graph, symbolic integers, blocks, and lists and maps of these.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/value.h"
#include "stages/export/graph/dim.h"

namespace switchyard::recipe {
class Block;
}

namespace switchyard::graph {

class Item;
using Items = std::vector<Item>;
using ItemMap = std::vector<std::pair<std::string, Item>>;

struct TensorRef {
  int id = -1;
};

class Item {
 public:
  Item() = default;  // null
  Item(Value value) : data_(std::move(value)) {}
  Item(Items items) : data_(std::make_shared<const Items>(std::move(items))) {}
  Item(ItemMap map) : data_(std::make_shared<const ItemMap>(std::move(map))) {}
  Item(TensorRef tensor) : data_(tensor) {}
  Item(const recipe::Block* block) : data_(block) {}
  // A known dim becomes an integer.
  Item(const Dim& dim);

  bool is_null() const { return value() && value()->is_null(); }
  // Plain data, or null pointer.
  const Value* value() const { return std::get_if<Value>(&data_); }
  bool is_tensor() const { return std::holds_alternative<TensorRef>(data_); }
  int tensor() const { return std::get<TensorRef>(data_).id; }
  // A symbolic integer; integers are plain data.
  const Dim* symbol() const { return std::get_if<Dim>(&data_); }
  const recipe::Block* block() const;
  // An integer, symbolic or not.
  std::optional<Dim> as_dim() const;

  bool is_int() const { return value() && value()->is_int(); }
  bool is_number() const { return value() && value()->is_number(); }
  bool is_bool() const { return value() && value()->is_bool(); }
  bool is_string() const { return value() && value()->is_string(); }
  std::int64_t as_int() const { return value()->as_int(); }
  const std::string& as_string() const { return value()->as_string(); }

  bool is_list() const;
  std::size_t size() const;          // of a list
  Item at(std::size_t index) const;  // of a list; in range
  Items items() const;               // a list's elements

  bool is_map() const;
  std::optional<Item> get(std::string_view key) const;  // of a map
  std::vector<std::string> keys() const;

  // As plain data, however deep its lists and maps; nothing where something in it is no data.
  std::optional<Value> plain() const;

  // Something in it is a tensor / a symbolic integer.
  bool holds_tensor() const;
  bool holds_symbol() const;

  // "an integer", "a tensor", "a list" ...
  std::string_view kind_name() const;
  // For messages; short.
  std::string text() const;

 private:
  std::variant<Value, std::shared_ptr<const Items>, std::shared_ptr<const ItemMap>, Dim, TensorRef,
               const recipe::Block*>
      data_;
};

}  // namespace switchyard::graph
