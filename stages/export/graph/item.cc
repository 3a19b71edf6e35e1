#include "stages/export/graph/item.h"

#include "engine/text.h"

namespace switchyard::graph {

Item::Item(const Dim& dim) {
  if (dim.known()) {
    data_ = Value(dim.value());
  } else {
    data_ = dim;
  }
}

const recipe::Block* Item::block() const {
  const auto* block = std::get_if<const recipe::Block*>(&data_);
  return block ? *block : nullptr;
}

std::optional<Dim> Item::as_dim() const {
  if (is_int()) return Dim(as_int());
  if (const Dim* dim = symbol()) return *dim;
  return std::nullopt;
}

bool Item::is_list() const {
  return std::holds_alternative<std::shared_ptr<const Items>>(data_) ||
         (value() && value()->is_list());
}

std::size_t Item::size() const {
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_))
    return (*items)->size();
  return value()->as_list().size();
}

Item Item::at(std::size_t index) const {
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_))
    return (**items)[index];
  return Item(value()->as_list()[index]);
}

Items Item::items() const {
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_)) return **items;
  Items result;
  for (const Value& v : value()->as_list()) result.emplace_back(v);
  return result;
}

bool Item::is_map() const {
  return std::holds_alternative<std::shared_ptr<const ItemMap>>(data_) ||
         (value() && value()->is_map());
}

std::optional<Item> Item::get(std::string_view key) const {
  if (const auto* map = std::get_if<std::shared_ptr<const ItemMap>>(&data_)) {
    for (const auto& [name, item] : **map) {
      if (name == key) return item;
    }
    return std::nullopt;
  }
  const Value* found = value() ? value()->find(key) : nullptr;
  return found ? std::optional<Item>(*found) : std::nullopt;
}

std::vector<std::string> Item::keys() const {
  std::vector<std::string> result;
  if (const auto* map = std::get_if<std::shared_ptr<const ItemMap>>(&data_)) {
    for (const auto& [name, item] : **map) result.push_back(name);
  } else if (value() && value()->is_map()) {
    for (const auto& [name, item] : value()->as_map()) result.push_back(name);
  }
  return result;
}

std::optional<Value> Item::plain() const {
  if (const Value* own = value()) return *own;
  if (is_list()) {
    List list;
    for (std::size_t i = 0; i < size(); ++i) {
      auto element = at(i).plain();
      if (!element) return std::nullopt;
      list.push_back(std::move(*element));
    }
    return Value(std::move(list));
  }
  if (is_map()) {
    Map map;
    for (const std::string& key : keys()) {
      auto entry = get(key)->plain();
      if (!entry) return std::nullopt;
      map.set(key, std::move(*entry));
    }
    return Value(std::move(map));
  }
  return std::nullopt;
}

bool Item::holds_tensor() const {
  if (is_tensor()) return true;
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_)) {
    for (const Item& item : **items) {
      if (item.holds_tensor()) return true;
    }
  }
  return false;
}

bool Item::holds_symbol() const {
  if (symbol()) return true;
  if (const auto* items = std::get_if<std::shared_ptr<const Items>>(&data_)) {
    for (const Item& item : **items) {
      if (item.holds_symbol()) return true;
    }
  }
  return false;
}

std::string_view Item::kind_name() const {
  if (is_tensor()) return "a tensor";
  if (symbol()) return "a symbolic integer";
  if (block()) return "a block";
  if (is_list()) return "a list";
  if (is_map()) return "a map";
  if (is_null()) return "null";
  if (is_bool()) return "a boolean";
  if (is_int()) return "an integer";
  if (is_number()) return "a float";
  return "a string";
}

std::string Item::text() const {
  if (const Dim* dim = symbol()) return dim->text();
  if (value()) return shorten(value()->to_json(), 80);
  if (!is_list()) return std::string(kind_name());
  std::string text = "[";
  for (std::size_t i = 0; i < size() && text.size() < 80; ++i)
    text += (i ? ", " : "") + at(i).text();
  return shorten(text + "]", 80);
}

}  // namespace switchyard::graph
