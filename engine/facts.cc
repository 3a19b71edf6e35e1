#include "engine/facts.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace switchyard {

namespace {

// The interned names. Reading takes no lock, since every fact that is set by name, on every core,
// comes by here: names are never removed, and a reader walks a table of atomic pointers that only
// ever gains entries. A table that has become too small stays for those who still read it.
class NameTable {
 public:
  struct Name {
    std::string text;
    std::size_t hash;
    FactId id;
  };

  NameTable() { grow(256); }

  // Null when the name is not interned.
  const Name* find(std::string_view text) const {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    return find(*current_.load(std::memory_order_acquire), text, hash);
  }

  FactId intern(std::string_view text) {
    if (const Name* known = find(text)) return known->id;
    const std::lock_guard lock(mutex_);
    if (const Name* known = find(text)) return known->id;
    const std::size_t hash = std::hash<std::string_view>{}(text);
    names_.push_back(Name{std::string(text), hash, static_cast<FactId>(names_.size())});
    const Name& name = names_.back();
    Slots& slots = *tables_.back();
    if (2 * names_.size() > slots.size()) {
      grow(2 * slots.size());
    } else {
      put(slots, name);
    }
    return name.id;
  }

  std::string_view text(FactId id) const {
    const std::lock_guard lock(mutex_);
    return names_.at(id).text;
  }

 private:
  using Slots = std::vector<std::atomic<const Name*>>;  // a power of two; null: free

  static const Name* find(const Slots& slots, std::string_view text, std::size_t hash) {
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      const Name* name = slots[at].load(std::memory_order_acquire);
      if (name == nullptr || (name->hash == hash && name->text == text)) return name;
    }
  }

  static void put(Slots& slots, const Name& name) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = name.hash & mask;
    while (slots[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & mask;
    slots[at].store(&name, std::memory_order_release);
  }

  void grow(std::size_t size) {
    auto slots = std::make_unique<Slots>(size);
    for (const Name& name : names_) put(*slots, name);
    current_.store(slots.get(), std::memory_order_release);
    tables_.push_back(std::move(slots));
  }

  mutable std::mutex mutex_;
  std::deque<Name> names_;  // does not move its elements
  std::vector<std::unique_ptr<Slots>> tables_;
  std::atomic<const Slots*> current_ = nullptr;
};

NameTable& name_table() {
  static NameTable* table = new NameTable;  // outlives every static that still holds facts
  return *table;
}

// Facts are rarely fewer, and growing one by one is what setting them would cost most.
constexpr std::size_t kFirstFacts = 16;

}  // namespace

FactId fact_id(std::string_view name) { return name_table().intern(name); }

std::string_view fact_name(FactId id) { return name_table().text(id); }

void Facts::set(FactId id, Value value) {
  if (id >= slots_.size()) {
    if (id >= slots_.capacity()) {
      slots_.reserve(std::max({kFirstFacts, std::size_t{id} + 1, 2 * slots_.size()}));
    }
    slots_.resize(std::size_t{id} + 1);
  }
  slots_[id].value = std::move(value);
  slots_[id].is_set = true;
}

void Facts::erase(std::string_view name) {
  const auto* known = name_table().find(name);
  if (known == nullptr || known->id >= slots_.size()) return;
  slots_[known->id] = {};
}

const Value* Facts::get(FactId id) const {
  return id < slots_.size() && slots_[id].is_set ? &slots_[id].value : nullptr;
}

const Value* Facts::find(std::string_view path) const {
  std::string_view name = path;
  while (true) {
    if (const auto* known = name_table().find(name)) {
      if (const Value* value = get(known->id)) {
        return name.size() == path.size() ? value : value->find_path(path.substr(name.size() + 1));
      }
    }
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return nullptr;
    name = name.substr(0, dot);
  }
}

std::vector<std::pair<std::string_view, const Value*>> Facts::all() const {
  std::vector<std::pair<std::string_view, const Value*>> facts;
  for (FactId id = 0; id < slots_.size(); ++id) {
    if (slots_[id].is_set) facts.emplace_back(fact_name(id), &slots_[id].value);
  }
  std::sort(facts.begin(), facts.end());
  return facts;
}

}  // namespace switchyard
