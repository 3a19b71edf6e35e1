#include "stages/export/graph/builder.h"

#include <cstring>

namespace switchyard::graph {
namespace {

constexpr std::size_t kMaxNodes = 200'000;

// Where the few nodes that compute symbolic dims stand.
constexpr const char* kShapeScope = "/shape";

bool foldable(const Tensor& tensor) { return tensor.foldable || tensor.constant; }

// Integers of a small int64 constant, as dims.
std::optional<std::vector<Dim>> dims_of(const Constant& constant) {
  if (constant.elem != ElemType::kInt64 || constant.shape.size() > 1 ||
      constant.bytes.size() > 1024)
    return std::nullopt;
  std::vector<Dim> dims;
  for (std::size_t i = 0; i + 8 <= constant.bytes.size(); i += 8) {
    std::int64_t value = 0;
    std::memcpy(&value, constant.bytes.data() + i, 8);
    dims.push_back(Dim(value));
  }
  return dims;
}

std::string list_text(const std::vector<Dim>& dims) {
  std::string text;
  for (const Dim& dim : dims) text += dim.text() + ",";
  return text;
}

}  // namespace

std::string Builder::unique_name(const std::string& wanted) {
  const int used = names_[wanted]++;
  if (used == 0) return wanted;
  return unique_name(wanted + "_" + std::to_string(used));
}

TensorId Builder::add_tensor(Tensor tensor) {
  const auto id = static_cast<TensorId>(graph_.tensors.size());
  for (std::size_t i = 0; i < tensor.type.shape.size(); ++i) {
    if (const auto axis = tensor.type.shape[i].axis_name())
      sources_.emplace(*axis, std::make_pair(id, static_cast<int>(i)));
    dims_.add(tensor.type.shape[i]);
  }
  graph_.tensors.push_back(std::move(tensor));
  return id;
}

TensorId Builder::add_input(const std::string& name, TensorType type) {
  Tensor tensor;
  tensor.name = unique_name(name);
  tensor.type = std::move(type);
  tensor.source = Tensor::Source::kInput;
  const TensorId id = add_tensor(std::move(tensor));
  graph_.inputs.push_back(id);
  return id;
}

void Builder::add_output(const std::string& name, TensorId id, const Value* axes,
                         const recipe::Spot& spot) {
  // A tensor bears the output's name; one that has a name of its own already is passed through.
  bool taken = tensor(id).source != Tensor::Source::kNode;
  for (const Output& output : graph_.outputs) taken = taken || output.tensor == id;
  if (taken) id = add_node(*find_op("Identity"), {id}, {}, 1, "/outputs", spot)[0];
  if (names_.contains(name)) {
    throw Error(ErrorKind::kUsage, spot.place(), "the output name '" + name + "' is taken",
                "Inputs, outputs and tensors need different names");
  }
  names_[name] = 1;
  Tensor& tensor = graph_.tensors[static_cast<std::size_t>(id)];
  tensor.name = name;
  if (axes) {
    for (std::size_t i = 0; i < tensor.type.shape.size(); ++i) {
      const Value* axis = axes->find(std::to_string(i));
      // A number says more than a name.
      if (axis && axis->is_string() && !tensor.type.shape[i].known())
        tensor.type.shape[i] = Dim::axis(axis->as_string());
    }
  }
  graph_.outputs.push_back({name, id});
}

TensorId Builder::constant(Constant constant) {
  std::string key = std::string(elem_name(constant.elem));
  for (std::int64_t dim : constant.shape) key += "," + std::to_string(dim);
  key += ":" + constant.bytes;
  const auto found = constants_.find(key);
  if (found != constants_.end()) return found->second;
  Tensor tensor;
  tensor.name = unique_name("/constant");
  tensor.type.elem = constant.elem;
  tensor.type.ranked = true;
  for (std::int64_t dim : constant.shape) tensor.type.shape.push_back(Dim(dim));
  tensor.source = Tensor::Source::kConstant;
  tensor.as_dims = dims_of(constant);
  tensor.constant = std::make_shared<const Constant>(std::move(constant));
  const TensorId id = add_tensor(std::move(tensor));
  constants_.emplace(std::move(key), id);
  return id;
}

TensorId Builder::int_vector(const std::vector<std::int64_t>& values) {
  Constant constant;
  constant.elem = ElemType::kInt64;
  constant.shape = {static_cast<std::int64_t>(values.size())};
  constant.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * 8);
  return this->constant(std::move(constant));
}

TensorId Builder::weight(const StoredTensor& stored, ElemType elem) {
  const auto found = weights_.find(stored.name);
  if (found != weights_.end()) return found->second;
  Tensor tensor;
  tensor.name = unique_name(stored.name);
  tensor.type.elem = elem;
  tensor.type.ranked = true;
  for (std::int64_t dim : stored.shape) tensor.type.shape.push_back(Dim(dim));
  tensor.source = Tensor::Source::kWeight;
  tensor.stored = &stored;
  tensor.offset = stored.offset;
  tensor.bytes = stored.bytes;
  const TensorId id = add_tensor(std::move(tensor));
  weights_.emplace(stored.name, id);
  return id;
}

TensorId Builder::stand_in(const std::string& name, TensorType type) {
  Tensor tensor;
  tensor.name = unique_name(name);
  tensor.type = std::move(type);
  tensor.source = Tensor::Source::kInput;
  return add_tensor(std::move(tensor));
}

TensorId Builder::weight_view(TensorId base, std::int64_t first,
                              const std::vector<std::int64_t>& shape) {
  const Tensor& whole = this->tensor(base);
  const auto size = static_cast<std::int64_t>(byte_size(whole.stored->dtype));
  std::int64_t elements = 1;
  for (std::int64_t dim : shape) elements *= dim;
  Tensor tensor;
  tensor.source = Tensor::Source::kWeight;
  tensor.type.elem = whole.type.elem;
  tensor.type.ranked = true;
  for (std::int64_t dim : shape) tensor.type.shape.push_back(Dim(dim));
  tensor.stored = whole.stored;
  tensor.offset = whole.offset + static_cast<std::uint64_t>(first * size);
  tensor.bytes = static_cast<std::uint64_t>(elements * size);
  std::string key = whole.stored->name + "@" +
                    std::to_string(tensor.offset - whole.stored->offset) + tensor.type.text();
  const auto found = weights_.find(key);
  if (found != weights_.end()) return found->second;
  tensor.name = unique_name(whole.stored->name + "/view");
  const TensorId id = add_tensor(std::move(tensor));
  weights_.emplace(std::move(key), id);
  return id;
}

std::vector<TensorId> Builder::add_node(const OpSignature& op, std::vector<TensorId> inputs,
                                        std::vector<Attribute> attributes, std::size_t outputs,
                                        const std::string& scope, const recipe::Spot& spot) {
  if (graph_.nodes.size() >= kMaxNodes) {
    throw Error(ErrorKind::kUsage, spot.place(), "the graph has more than 200,000 nodes",
                "Look for a loop that runs too often");
  }
  Node node;
  node.op = op.name;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.spot = spot;
  node.caller = caller_;
  std::vector<TensorType> types = infer_types(graph_, op, node, outputs, dims_);
  node.name = unique_name(scope + "/" + op.name);
  bool fold = op.deterministic && !node.inputs.empty();
  for (TensorId id : node.inputs) fold = fold && (id == kNoTensor || foldable(tensor(id)));
  if (fold && on_constants_) std::exchange(on_constants_, nullptr)();
  for (std::size_t i = 0; i < outputs; ++i) {
    Tensor tensor;
    tensor.name = unique_name(node.name + "_output_" + std::to_string(i));
    tensor.type = std::move(types[i]);
    tensor.node = static_cast<int>(graph_.nodes.size());
    tensor.foldable = fold;
    node.outputs.push_back(add_tensor(std::move(tensor)));
  }
  graph_.nodes.push_back(node);
  return node.outputs;
}

TensorId Builder::add_simple(const char* op, std::vector<TensorId> inputs,
                             std::vector<Attribute> attributes, const std::vector<Dim>& value,
                             const recipe::Spot& spot) {
  const TensorId id =
      add_node(*find_op(op), std::move(inputs), std::move(attributes), 1, kShapeScope, spot)[0];
  graph_.tensors[static_cast<std::size_t>(id)].as_dims = value;
  return id;
}

TensorId Builder::atom_vector(const Atom& atom, const recipe::Spot& spot) {
  const auto binary = [&](const char* op) {
    const TensorId a = dim_vector(atom.a, spot);
    const TensorId b = dim_vector(atom.b, spot);
    return add_node(*find_op(op), {a, b}, {}, 1, kShapeScope, spot)[0];
  };
  switch (atom.kind) {
    case Atom::Kind::kFloorDiv:
      return binary("Div");  // dims are not negative
    case Atom::Kind::kModulo:
      return binary("Mod");
    case Atom::Kind::kMinimum:
      return binary("Min");
    case Atom::Kind::kMaximum:
      return binary("Max");
    case Atom::Kind::kAxis:
      break;
  }
  const auto source = sources_.find(atom.text);
  if (source == sources_.end()) {
    throw Error(ErrorKind::kUsage, spot.place(),
                "the axis '" + atom.text + "' is no dimension of any tensor yet");
  }
  const auto [tensor_id, index] = source->second;
  auto shape = shapes_.find(tensor_id);
  if (shape == shapes_.end()) {
    const TensorId made = add_simple("Shape", {tensor_id}, {}, tensor(tensor_id).type.shape, spot);
    shape = shapes_.emplace(tensor_id, made).first;
  }
  return add_node(*find_op("Gather"), {shape->second, int_vector({index})},
                  {{"axis", std::int64_t{0}}}, 1, kShapeScope, spot)[0];
}

TensorId Builder::term_vector(const Dim::Term& term, const recipe::Spot& spot) {
  TensorId result = kNoTensor;
  for (const auto& atom : term.atoms) {
    Dim alone;
    auto found = vectors_.find(atom->text + ",");
    const TensorId factor = found != vectors_.end() ? found->second : atom_vector(*atom, spot);
    vectors_.emplace(atom->text + ",", factor);
    result = result == kNoTensor
                 ? factor
                 : add_node(*find_op("Mul"), {result, factor}, {}, 1, kShapeScope, spot)[0];
  }
  if (term.coefficient != 1) {
    result = add_node(*find_op("Mul"), {result, int_vector({term.coefficient})}, {}, 1, kShapeScope,
                      spot)[0];
  }
  return result;
}

TensorId Builder::dim_vector(const Dim& dim, const recipe::Spot& spot) {
  if (dim.known()) return int_vector({dim.value()});
  const std::string key = dim.text() + ",";
  const auto found = vectors_.find(key);
  if (found != vectors_.end()) return found->second;
  TensorId sum = kNoTensor;
  for (const Dim::Term& term : dim.terms()) {
    const TensorId next = term_vector(term, spot);
    sum = sum == kNoTensor ? next
                           : add_node(*find_op("Add"), {sum, next}, {}, 1, kShapeScope, spot)[0];
  }
  if (dim.constant() != 0) {
    sum =
        add_node(*find_op("Add"), {sum, int_vector({dim.constant()})}, {}, 1, kShapeScope, spot)[0];
  }
  graph_.tensors[static_cast<std::size_t>(sum)].as_dims = std::vector<Dim>{dim};
  vectors_.emplace(key, sum);
  return sum;
}

TensorId Builder::vector_of(const std::vector<Dim>& dims, const recipe::Spot& spot) {
  std::vector<TensorId> parts;
  std::vector<std::int64_t> known;
  const auto flush = [&] {
    if (!known.empty()) parts.push_back(int_vector(known));
    known.clear();
  };
  bool symbolic = false;
  for (const Dim& dim : dims) symbolic = symbolic || !dim.known();
  if (!symbolic) {
    for (const Dim& dim : dims) known.push_back(dim.value());
    return int_vector(known);
  }
  const std::string key = list_text(dims);
  const auto found = vectors_.find(key);
  if (found != vectors_.end()) return found->second;
  for (const Dim& dim : dims) {
    if (dim.known()) {
      known.push_back(dim.value());
    } else {
      flush();
      parts.push_back(dim_vector(dim, spot));
    }
  }
  flush();
  TensorId result = parts[0];
  if (parts.size() > 1)
    result = add_simple("Concat", parts, {{"axis", std::int64_t{0}}}, dims, spot);
  vectors_.emplace(key, result);
  return result;
}

TensorId Builder::scalar_of(const Dim& dim, const recipe::Spot& spot) {
  if (dim.known()) {
    Constant constant;
    constant.elem = ElemType::kInt64;
    const std::int64_t value = dim.value();
    constant.bytes.assign(reinterpret_cast<const char*>(&value), 8);
    return this->constant(std::move(constant));
  }
  const auto found = scalars_.find(dim.text());
  if (found != scalars_.end()) return found->second;
  const TensorId result =
      add_simple("Squeeze", {dim_vector(dim, spot), int_vector({0})}, {}, {dim}, spot);
  scalars_.emplace(dim.text(), result);
  return result;
}

}  // namespace switchyard::graph
