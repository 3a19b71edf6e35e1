#include "stages/resolve/axes.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return {};
  return number;
}

// The parts of an expression: names and numbers, and what stands between them.
std::vector<std::string> parts_of(const std::string& expression) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < expression.size();) {
    std::size_t end = at + 1;
    const bool word = begins_name(expression[at]) || is_digit(expression[at]);
    while (end < expression.size() &&
           (begins_name(expression[end]) || is_digit(expression[end])) == word) {
      ++end;
    }
    parts.push_back(expression.substr(at, end - at));
    at = end;
  }
  return parts;
}

// Sums of products of numbers, as the export configurations write them; nothing for anything else.
std::optional<std::int64_t> value_of(const std::vector<std::string>& parts) {
  std::int64_t sum = 0, product = 1;
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    const auto number = number_of(parts[i]);
    if (!number || __builtin_mul_overflow(product, *number, &product)) return {};
    const std::string_view sign = i + 1 < parts.size() ? trim(parts[i + 1]) : std::string_view("+");
    if (sign == "*") continue;
    if (sign != "+" || __builtin_add_overflow(sum, product, &sum)) return {};
    product = 1;
  }
  return parts.size() % 2 == 1 ? std::optional(sum) : std::nullopt;
}

Value dimension(const std::string& written, const Map& axes) {
  if (const Value* own = axes.find(written)) return own->is_null() ? Value(written) : *own;
  std::vector<std::string> parts = parts_of(written);
  std::string text;
  for (std::string& part : parts) {
    const Value* own = axes.find(part);
    if (own != nullptr && own->is_int()) part = std::to_string(own->as_int());
    if (own != nullptr && own->is_string()) part = own->as_string();
    text += part;
  }
  if (text == written) return written;
  const auto value = value_of(parts);
  return value ? Value(*value) : Value(text);
}

const TensorSpec* find(const std::vector<TensorSpec>& specs, std::string_view name) {
  for (const TensorSpec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

// One request, checked against one resolution.
class Laying {
 public:
  Laying(const AxisRequest& request, Resolution& resolution, Faults& faults)
      : request_(request), resolution_(resolution), faults_(faults) {}

  void run() {
    const std::size_t before = faults_.size();
    known_ = axis_names(resolution_.inputs);
    for (std::string& name : axis_names(resolution_.outputs)) {
      if (std::find(known_.begin(), known_.end(), name) == known_.end())
        known_.push_back(std::move(name));
    }
    read_dynamic_axes();
    for (const auto& [name, size] : request_.sizes) fix(name, size);
    check_names();
    if (faults_.size() == before) lay();
  }

 private:
  struct Dynamic {
    std::string name;
    Place place;
  };

  void fault(Place place, std::string what, std::string mend = {}) {
    faults_.add(Error(ErrorKind::kUsage, std::move(place), std::move(what), std::move(mend)));
  }

  bool inputs_known() const {
    return !resolution_.inputs.empty() &&
           std::all_of(resolution_.inputs.begin(), resolution_.inputs.end(),
                       [](const TensorSpec& spec) { return spec.dims_known; });
  }

  void fix(const std::string& name, std::int64_t size) {
    const bool known = std::find(known_.begin(), known_.end(), name) != known_.end();
    // Where the inputs are not known, the recipe's own will tell.
    if (!known && inputs_known()) {
      const std::string near = did_you_mean(name, known_);
      fault({}, "the model has no axis '" + name + "' to fix to " + std::to_string(size),
            (near.empty() ? "" : near + " ") + "It has " + join_names(known_));
      return;
    }
    if (const auto found = dynamic_.find(name); found != dynamic_.end()) {
      fault(found->second.place, "the axis '" + name + "' is dynamic here, and --shape fixes it",
            "Leave it out of one of them");
    }
  }

  void read_dynamic_axes() {
    const YamlNode& file = request_.dynamic_axes;
    if (file.is_null()) return;
    if (!file.is_map()) {
      fault(file.place(), "dynamic axes are a map of tensors, not " + file.describe(),
            "Write {\"input_ids\": {\"0\": \"batch_size\"}}");
      return;
    }
    // Inputs first: an output's axes are those of the inputs, mostly.
    for (const bool inputs : {true, false}) {
      const auto& specs = inputs ? resolution_.inputs : resolution_.outputs;
      for (const YamlEntry& entry : file.entries()) {
        if (const TensorSpec* spec = find(specs, entry.key)) read_tensor(entry, *spec, inputs);
      }
    }
    for (const YamlEntry& entry : file.entries()) {
      if (find(resolution_.inputs, entry.key) || find(resolution_.outputs, entry.key)) continue;
      std::vector<std::string> names;
      for (const auto* specs : {&resolution_.inputs, &resolution_.outputs}) {
        for (const TensorSpec& spec : *specs) names.push_back(spec.name);
      }
      std::string mend = did_you_mean(entry.key, names);
      if (mend.empty()) {
        mend = names.empty() ? "Nothing is known of its inputs; fix axes with --shape"
                             : "It has " + join_names(names);
      }
      fault(entry.key_place(), "the model has no input or output '" + entry.key + "'", mend);
    }
    for (const auto& [axis, tensor] : fixed_) {
      const auto found = dynamic_.find(axis);
      if (found == dynamic_.end()) continue;
      fault(found->second.place,
            "the axis '" + axis + "' is dynamic here, and not among the dynamic axes of '" +
                tensor + "'",
            "It is one axis: name it for both, or for none");
    }
  }

  void read_tensor(const YamlEntry& entry, const TensorSpec& spec, bool is_input) {
    if (!spec.dims_known) {
      fault(entry.key_place(), "the dimensions of '" + spec.name + "' are not known",
            "Leave it out; fix axes with --shape");
      return;
    }
    std::vector<bool> listed(spec.dims.size());
    if (entry.value.is_map()) {
      for (const YamlEntry& dim : entry.value.entries()) {
        const auto index = index_in(dim.key, dim.key_place(), spec);
        if (!index) continue;
        if (listed[*index]) {
          fault(dim.key_place(),
                "dimension " + std::to_string(*index) + " of '" + spec.name + "' is here twice");
        }
        listed[*index] = true;
        if (!dim.value.is_string() || !is_axis_name(dim.value.text())) {
          fault(dim.value.place(),
                "the name of an axis is letters, digits and _, not " + dim.value.describe());
          continue;
        }
        name_axis(spec, *index, dim.value.text(), dim.value.place());
      }
    } else if (entry.value.is_list()) {
      for (const YamlNode& item : entry.value.items()) {
        const auto index = index_in(item.text(), item.place(), spec);
        if (!index) continue;
        listed[*index] = true;
        name_axis(spec, *index, {}, item.place());
      }
    } else {
      fault(entry.value.place(), "the dynamic axes of '" + spec.name +
                                     "' are {DIMENSION: NAME}, not " + entry.value.describe());
      return;
    }
    if (!is_input) return;
    for (std::size_t i = 0; i < listed.size(); ++i) {
      if (!listed[i] && spec.dims[i].is_string())
        fixed_.emplace(spec.dims[i].as_string(), spec.name);
    }
  }

  std::optional<std::size_t> index_in(const std::string& text, const Place& place,
                                      const TensorSpec& spec) {
    const auto rank = static_cast<std::int64_t>(spec.dims.size());
    const auto index = number_of(text);
    if (index && *index >= -rank && *index < rank) {
      return static_cast<std::size_t>(*index < 0 ? *index + rank : *index);
    }
    fault(place, "'" + spec.name + "' has no dimension '" + text + "'",
          "Its dimensions are 0 to " + std::to_string(rank - 1));
    return {};
  }

  // `name` empty: under its own.
  void name_axis(const TensorSpec& spec, std::size_t index, std::string name, const Place& place) {
    const Value& dim = spec.dims[index];
    if (!dim.is_string()) {
      fault(place,
            "the model fixes dimension " + std::to_string(index) + " of '" + spec.name + "' to " +
                dim.to_json(),
            "Leave it out");
      return;
    }
    const std::string& axis = dim.as_string();
    if (!is_axis_name(axis)) {
      // A sum of axes has no name of its own: it is dynamic when they are.
      return;
    }
    if (name.empty()) name = axis;
    const auto [known, is_new] = dynamic_.emplace(axis, Dynamic{name, place});
    if (!is_new && known->second.name != name) {
      fault(place,
            "the axis '" + axis + "' is called '" + known->second.name + "' at " +
                known->second.place.str() + " and '" + name + "' here",
            "It is one axis: give it one name");
    }
  }

  // Equal names would say that two axes are always of one size.
  void check_names() {
    std::map<std::string, std::string> axis_of;
    for (const std::string& axis : known_) {
      const auto named = dynamic_.find(axis);
      const std::string& name = named == dynamic_.end() ? axis : named->second.name;
      const auto [other, is_new] = axis_of.emplace(name, axis);
      if (is_new) continue;
      const auto at = named != dynamic_.end() ? named : dynamic_.find(other->second);
      fault(
          at == dynamic_.end() ? Place{} : at->second.place,
          "the axes '" + other->second + "' and '" + axis + "' would both be called '" + name + "'",
          "Give each a name of its own");
    }
  }

  void lay() {
    Map laid;
    for (const std::string& axis : known_) {
      if (const auto size = size_of(axis)) {
        laid.set(axis, *size);
      } else if (const auto named = dynamic_.find(axis); named != dynamic_.end()) {
        if (named->second.name != axis) laid.set(axis, named->second.name);
      } else if (const Value* before = resolution_.axes.find(axis);
                 before != nullptr && (request_.dynamic_axes.is_null() || before->is_int())) {
        laid.set(axis, *before);
      } else if (fixed_.contains(axis)) {
        laid.set(axis, Value());
      }
    }
    // Axes of which only the recipe knows.
    for (const auto& [axis, before] : resolution_.axes) {
      if (std::find(known_.begin(), known_.end(), axis) == known_.end()) laid.set(axis, before);
    }
    for (const auto& [axis, size] : request_.sizes) laid.set(axis, size);
    resolution_.axes = std::move(laid);
  }

  std::optional<std::int64_t> size_of(const std::string& axis) const {
    for (const auto& [name, size] : request_.sizes) {
      if (name == axis) return size;
    }
    return {};
  }

  const AxisRequest& request_;
  Resolution& resolution_;
  Faults& faults_;
  std::vector<std::string> known_;
  std::map<std::string, Dynamic> dynamic_;    // axis -> the name the file gives it
  std::map<std::string, std::string> fixed_;  // axis not among the dynamic ones -> of which input
};

}  // namespace

bool is_axis_name(std::string_view name) {
  if (name.empty() || !begins_name(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return begins_name(c) || is_digit(c); });
}

std::vector<std::string> axis_names(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> names;
  for (const TensorSpec& spec : specs) {
    for (const Value& dim : spec.dims) {
      if (!dim.is_string()) continue;
      for (std::string& part : parts_of(dim.as_string())) {
        if (!is_axis_name(part)) continue;
        if (std::find(names.begin(), names.end(), part) == names.end())
          names.push_back(std::move(part));
      }
    }
  }
  return names;
}

void lay_axes(const AxisRequest& request, Resolution& resolution, Faults& faults) {
  if (!request.empty()) Laying(request, resolution, faults).run();
}

std::vector<TensorSpec> with_axes(std::vector<TensorSpec> specs, const Map& axes) {
  if (axes.empty()) return specs;
  for (TensorSpec& spec : specs) {
    for (Value& dim : spec.dims) {
      if (dim.is_string()) dim = dimension(dim.as_string(), axes);
    }
  }
  return specs;
}

}  // namespace switchyard
