#include "tests/recipes/card.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>

#include "engine/json.h"

namespace switchyard::recipes_test {
namespace {

std::uint64_t fnv1a(const std::string& name) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

// Element `index` of the stream `seed`, uniform in [lo, hi): splitmix64.
double uniform(std::uint64_t seed, std::uint64_t index, double lo, double hi) {
  std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return lo + (hi - lo) * (static_cast<double>(z >> 40) * 0x1p-24);
}

std::vector<std::int64_t> ints(const Value& list) {
  std::vector<std::int64_t> values;
  for (const Value& item : list.as_list()) values.push_back(item.as_int());
  return values;
}

std::uint64_t product(const std::vector<std::int64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::uint64_t>(size);
  return count;
}

// Scales as trained networks have them, so that no layer loses or blows up its input.
std::pair<double, double> bounds(const std::string& name, const std::vector<std::int64_t>& shape, double gain,
                                 double offset) {
  if (name.ends_with("running_var")) return {0.5, 1.5};
  if (shape.size() >= 2) {
    const double fan_in = static_cast<double>(product({shape.begin() + 1, shape.end()}));
    const double a = gain * std::sqrt(3.0 / std::max(fan_in, 1.0));
    return {-a, a};
  }
  if (shape.size() == 1 && name.ends_with("weight")) return {0.5, 1.5};
  return {-offset, offset};
}

double number_or(const Value& json, const char* key, double otherwise) {
  const Value* const value = json.find(key);
  return value != nullptr && value->is_number() ? value->as_double() : otherwise;
}

void flatten(const Value& value, std::vector<double>& out) {
  if (!value.is_list()) return out.push_back(value.as_double());
  for (const Value& item : value.as_list()) flatten(item, out);
}

template <typename T>
void put(Tensor& tensor, T value) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(&value);
  tensor.bytes.insert(tensor.bytes.end(), bytes, bytes + sizeof value);
}

}  // namespace

Card read_card(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Card card;
  card.json = parse_json(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
  card.id = card.json.find("id")->as_string();
  card.task = card.json.find("task")->as_string();
  return card;
}

void materialize(const Card& card, const std::filesystem::path& directory) {
  std::ofstream(directory / "config.json", std::ios::binary) << card.json.find("config")->to_json();
  const double gain = number_or(card.json, "gain", 1.0), offset = number_or(card.json, "offset", 0.1);
  Map header;
  std::uint64_t end = 0;
  for (const auto& [name, shape] : card.json.find("tensors")->as_map()) {
    const std::uint64_t begin = end;
    end += 4 * product(ints(shape));
    header.set(name, Map{{"dtype", "F32"}, {"shape", shape}, {"data_offsets", List{begin, end}}});
  }
  const std::string text = Value(header).to_json();
  std::ofstream out(directory / "model.safetensors", std::ios::binary);
  const std::uint64_t length = text.size();
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out << text;
  for (const auto& [name, dims] : card.json.find("tensors")->as_map()) {
    const auto shape = ints(dims);
    const auto [lo, hi] = bounds(name, shape, gain, offset);
    const std::uint64_t seed = fnv1a(name);
    for (std::uint64_t i = 0; i < product(shape); ++i) {
      const auto value = static_cast<float>(uniform(seed, i, lo, hi));
      out.write(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
}

NamedTensors inputs_of(const Card& card) {
  NamedTensors inputs;
  for (const auto& [name, spec] : card.json.find("inputs")->as_map()) {
    Tensor tensor;
    tensor.shape = ints(*spec.find("shape"));
    const Value* const kind = spec.find("kind");
    const bool is_int = kind != nullptr && kind->as_string() == "int";
    tensor.dtype = is_int ? "int64" : "float32";
    std::vector<double> values;
    if (const Value* const given = spec.find("value")) {
      flatten(*given, values);
    } else {
      const std::uint64_t seed = fnv1a("input:" + name);
      const double high = number_or(spec, "high", 0);
      for (std::uint64_t i = 0; i < product(tensor.shape); ++i) {
        const auto u = static_cast<float>(uniform(seed, i, 0.0, 1.0));
        values.push_back(is_int ? std::floor(u * high) : 2.0 * u - 1.0);
      }
    }
    for (const double value : values) {
      is_int ? put(tensor, static_cast<std::int64_t>(value)) : put(tensor, static_cast<float>(value));
    }
    inputs[name] = std::move(tensor);
  }
  return inputs;
}

std::string difference(const Card& card, const char* section, const NamedTensors& outputs, double tolerance) {
  const Value* const expected = card.json.find(section);
  if (expected == nullptr) return {};
  for (const auto& [name, summary] : expected->as_map()) {
    const auto found = outputs.find(name);
    if (found == outputs.end()) {
      // What PyTorch gives beyond the task's outputs, a recipe may give, too, or not.
      if (std::string_view(section) == "extra_outputs") continue;
      return "no output " + name;
    }
    const Tensor& got = found->second;
    if (got.shape != ints(*summary.find("shape"))) return name + " has another shape";
    const auto stride = static_cast<std::size_t>(summary.find("stride")->as_int());
    const double scale = std::max(summary.find("absmax")->as_double(), 1e-3);
    const List& values = summary.find("values")->as_list();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double was = values[i].as_double();
      const double is = got.dtype == "int64" ? static_cast<double>(got.as<std::int64_t>()[i * stride])
                                             : static_cast<double>(got.as<float>()[i * stride]);
      if (!(std::abs(is - was) <= tolerance * scale)) {
        return name + "[" + std::to_string(i * stride) + "] is " + std::to_string(is) + ", expected " +
               std::to_string(was);
      }
    }
  }
  return {};
}

}  // namespace switchyard::recipes_test
