#include "stages/export/graph/op_call.h"

#include <algorithm>
#include <array>

#include "engine/text.h"
#include "stages/export/graph/reshape.h"

namespace switchyard::graph {
namespace {

// Inputs that runtimes want as vectors; a lone integer written for one becomes a list of one.
constexpr std::array<std::string_view, 12> kVectorInputs = {
    "axes",  "starts",  "ends",   "steps", "split", "pads",
    "shape", "repeats", "scales", "sizes", "K",     "output_shape"};

class Call {
 public:
  Call(Builder& builder, const OpSignature& op, const OpArguments& arguments,
       const std::string& scope, const recipe::Spot& spot)
      : builder_(builder), op_(op), arguments_(arguments), scope_(scope), spot_(spot) {}

  std::vector<TensorId> run(std::size_t wanted) {
    place_arguments();
    check_required();
    for (std::size_t i = 0; i < inputs_.size(); ++i) note_type(i);
    std::vector<TensorId> ids;
    for (std::size_t i = 0; i < inputs_.size(); ++i) ids.push_back(bind(i, ids));
    if (op_.name == "Reshape" && ids.size() == 2 &&
        builder_.tensor(ids[0]).source == Tensor::Source::kWeight) {
      if (const TensorId view = reshaped_weight(builder_, ids[0], ids[1]); view != kNoTensor)
        return {view};
    }
    return builder_.add_node(op_, std::move(ids), std::move(attributes_), output_count(wanted),
                             scope_, spot_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& mend = {}) const {
    throw Error(ErrorKind::kUsage, spot_.place(), op_.name + ": " + what, mend);
  }

  const OpParameter& formal(std::size_t i) const {
    return op_.inputs[std::min(i, op_.inputs.size() - 1)];
  }

  void place_arguments() {
    for (const Item& item : arguments_.positional) {
      const bool variadic = !op_.inputs.empty() && inputs_.size() + 1 >= op_.inputs.size() &&
                            formal(inputs_.size()).variadic;
      if (inputs_.size() >= op_.inputs.size() && !variadic) {
        fail("takes at most " + std::to_string(op_.inputs.size()) + " inputs",
             "Attributes are given by name");
      }
      if (variadic && item.is_list()) {
        for (const Item& element : item.items()) inputs_.push_back(element);
      } else {
        inputs_.push_back(item);
      }
    }
    for (const auto& [name, item] : arguments_.named) place_named(name, item);
    while (!inputs_.empty() && inputs_.back().is_null()) inputs_.pop_back();
  }

  void place_named(const std::string& name, const Item& item) {
    for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
      if (op_.inputs[i].name != name) continue;
      if (inputs_.size() <= i) inputs_.resize(i + 1);
      if (!inputs_[i].is_null()) fail("input '" + name + "' is given twice");
      inputs_[i] = item;
      return;
    }
    const OpAttribute* attribute = op_.attribute(name);
    if (!attribute) {
      std::vector<std::string> known;
      for (const OpParameter& input : op_.inputs) known.push_back(input.name);
      for (const OpAttribute& other : op_.attributes) known.push_back(other.name);
      std::string mend = did_you_mean(name, known);
      if (mend.empty()) mend = "It has " + join_names(known);
      fail("has no input or attribute '" + name + "'", mend);
    }
    if (!item.is_null()) attributes_.push_back({name, attribute_value(*attribute, item)});
  }

  void check_required() const {
    if (static_cast<int>(inputs_.size()) < op_.min_inputs) {
      std::vector<std::string> names;
      for (const OpParameter& input : op_.inputs) names.push_back(input.name);
      fail("needs " + std::to_string(op_.min_inputs) + " inputs, " +
               std::to_string(inputs_.size()) + " given",
           "Its inputs are " + join_names(names));
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].is_null() && !formal(i).optional)
        fail("input '" + formal(i).name + "' is null",
             "Is a weight missing that was asked for with '?'");
    }
    for (const OpAttribute& attribute : op_.attributes) {
      if (!attribute.required) continue;
      const bool given = std::any_of(attributes_.begin(), attributes_.end(),
                                     [&](const Attribute& a) { return a.name == attribute.name; });
      if (!given) fail("needs the attribute '" + attribute.name + "'");
    }
  }

  // A tensor decides the type of every operand whose formal type is the same.
  void note_type(std::size_t i) {
    if (!inputs_[i].is_tensor()) return;
    const ElemType elem = builder_.tensor(inputs_[i].tensor()).type.elem;
    const OpParameter& parameter = formal(i);
    if (first_floating_ == ElemType::kUndefined && is_floating(elem)) first_floating_ = elem;
    if (!parameter.allowed.empty() && std::find(parameter.allowed.begin(), parameter.allowed.end(),
                                                elem) == parameter.allowed.end()) {
      fail("input '" + parameter.name + "' can't be " + std::string(elem_name(elem)) + " (" +
               builder_.tensor(inputs_[i].tensor()).name + ")",
           "Cast it first");
    }
    if (parameter.variadic && !parameter.homogeneous) return;
    const auto [known, added] = types_.emplace(parameter.type, elem);
    if (!added && known->second != elem) {
      fail("input '" + parameter.name + "' is " + std::string(elem_name(elem)) +
               ", another input of the same type is " + std::string(elem_name(known->second)),
           "Cast one of them");
    }
  }

  ElemType choose_type(std::size_t i, const Item& item) {
    const OpParameter& parameter = formal(i);
    if (parameter.allowed.size() == 1) return parameter.allowed[0];
    const auto known = types_.find(parameter.type);
    if (known != types_.end()) return known->second;
    const ElemType natural = item.holds_symbol() ? ElemType::kInt64 : natural_elem(item, spot_);
    std::vector<ElemType> wishes;
    if (is_floating(natural)) wishes = {first_floating_, ElemType::kFloat, ElemType::kDouble};
    if (natural == ElemType::kInt64)
      wishes = {ElemType::kInt64, first_floating_, ElemType::kFloat, ElemType::kInt32};
    if (natural == ElemType::kBool) wishes = {ElemType::kBool, ElemType::kInt64};
    for (ElemType wish : wishes) {
      if (std::find(parameter.allowed.begin(), parameter.allowed.end(), wish) ==
          parameter.allowed.end())
        continue;
      types_.emplace(parameter.type, wish);
      return wish;
    }
    fail("input '" + parameter.name + "' can't be made of " + item.text());
  }

  TensorId bind(std::size_t i, const std::vector<TensorId>& earlier) {
    Item item = inputs_[i];
    if (item.is_null()) return kNoTensor;
    if (item.is_tensor()) return item.tensor();
    if (item.holds_tensor())
      fail("input '" + formal(i).name + "' is a list with tensors in it",
           "Use Concat or index the list");
    const bool vector = std::find(kVectorInputs.begin(), kVectorInputs.end(), formal(i).name) !=
                        kVectorInputs.end();
    if (vector && !item.is_list()) item = Item(Items{item});
    const ElemType elem = choose_type(i, item);
    if (!item.holds_symbol()) return builder_.constant(constant_of(item, elem, spot_));
    const TensorId id = symbolic(item, i, earlier);
    if (elem == ElemType::kInt64) return id;
    return builder_.add_node(*find_op("Cast"), {id}, {{"to", static_cast<std::int64_t>(elem)}}, 1,
                             scope_, spot_)[0];
  }

  TensorId symbolic(const Item& item, std::size_t i, const std::vector<TensorId>& earlier) {
    if (!item.is_list()) return builder_.scalar_of(*item.as_dim(), spot_);
    std::vector<Dim> dims;
    for (const Item& element : item.items()) {
      const auto dim = element.as_dim();
      if (!dim) fail("'" + element.text() + "' stands in a list of integers");
      dims.push_back(*dim);
    }
    if (op_.name == "Reshape" && i == 1)
      dims = shortened_shape(builder_.tensor(earlier[0]).type, dims);
    return builder_.vector_of(dims, spot_);
  }

  Attribute::Data attribute_value(const OpAttribute& attribute, const Item& item) const {
    const auto wrong = [&](std::string_view wanted) {
      fail("attribute '" + attribute.name + "' must be " + std::string(wanted) + ", not " +
           item.text());
    };
    const Value* value = item.value();
    switch (attribute.type) {
      case OpAttribute::Type::kInt:
        if (item.is_bool()) return std::int64_t{value->as_bool() ? 1 : 0};
        if (item.is_string()) {
          const auto elem = elem_from_name(item.as_string());  // Cast(x, to='float32')
          if (!elem) wrong("an integer");
          return static_cast<std::int64_t>(*elem);
        }
        if (!item.is_int()) wrong("an integer");
        return item.as_int();
      case OpAttribute::Type::kFloat:
        if (!item.is_number()) wrong("a number");
        return value->as_double();
      case OpAttribute::Type::kString:
        if (!item.is_string()) wrong("a string");
        return item.as_string();
      case OpAttribute::Type::kInts:
        return list<std::int64_t>(item, wrong, "a list of integers");
      case OpAttribute::Type::kFloats:
        return list<double>(item, wrong, "a list of numbers");
      case OpAttribute::Type::kStrings:
        return list<std::string>(item, wrong, "a list of strings");
      case OpAttribute::Type::kTensor:
        return tensor_value(item, wrong);
      case OpAttribute::Type::kOther:
        break;
    }
    fail("attribute '" + attribute.name + "' can't be written in a recipe");
  }

  Attribute::Data tensor_value(const Item& item, const auto& wrong) const {
    if (item.is_tensor()) {
      const Tensor& tensor = builder_.tensor(item.tensor());
      if (!tensor.constant) wrong("a constant");
      return tensor.constant;
    }
    if (item.holds_symbol() || !item.value()) wrong("a number or a list of numbers");
    const Item listed = item.is_list() ? item : Item(Items{item});
    return std::make_shared<const Constant>(
        constant_of(listed, natural_elem(listed, spot_), spot_));
  }

  template <typename T>
  static Attribute::Data list(const Item& item, const auto& wrong, std::string_view wanted) {
    std::vector<T> result;
    for (const Item& element : item.is_list() ? item.items() : Items{item}) {
      if constexpr (std::is_same_v<T, std::int64_t>) {
        if (!element.is_int()) wrong(wanted);
        result.push_back(element.as_int());
      } else if constexpr (std::is_same_v<T, double>) {
        if (!element.is_number()) wrong(wanted);
        result.push_back(element.value()->as_double());
      } else {
        if (!element.is_string()) wrong(wanted);
        result.push_back(element.as_string());
      }
    }
    return result;
  }

  std::size_t output_count(std::size_t wanted) const {
    if (wanted == 0) {
      wanted = 1;
      const bool variadic = op_.outputs.size() == 1 && op_.outputs[0].variadic;
      // Split's sizes say how many parts there are.
      if (variadic && inputs_.size() > 1 && inputs_[1].is_list()) wanted = inputs_[1].size();
    }
    if (static_cast<int>(wanted) > op_.max_outputs) {
      fail("has " + std::to_string(op_.max_outputs) + " outputs, " + std::to_string(wanted) +
           " are taken");
    }
    return std::max<std::size_t>(wanted, static_cast<std::size_t>(std::max(op_.min_outputs, 1)));
  }

  Builder& builder_;
  const OpSignature& op_;
  const OpArguments& arguments_;
  const std::string& scope_;
  const recipe::Spot& spot_;
  Items inputs_;
  std::vector<Attribute> attributes_;
  std::map<std::string, ElemType> types_;
  ElemType first_floating_ = ElemType::kUndefined;
};

}  // namespace

std::vector<TensorId> call_op(Builder& builder, const OpSignature& op, const OpArguments& arguments,
                              std::size_t wanted, const std::string& scope,
                              const recipe::Spot& spot) {
  return Call(builder, op, arguments, scope, spot).run(wanted);
}

}  // namespace switchyard::graph
