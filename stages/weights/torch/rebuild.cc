#include "stages/weights/torch/rebuild.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard::torch {
namespace {

using Kind = Node::Kind;

constexpr std::size_t kMostDimensions = 64;
constexpr std::string_view kMend =
    "Where you trust the file, load it with PyTorch and save its state dict alone, best as "
    "safetensors";

struct Allowed {
  std::string_view module;
  std::string_view name;
  Name meaning;
};
constexpr Allowed kAllowed[] = {
    {"collections", "OrderedDict", Name::kOrderedDict},
    {"torch._utils", "_rebuild_tensor", Name::kRebuildTensor},
    {"torch._utils", "_rebuild_tensor_v2", Name::kRebuildTensor},
    {"torch._utils", "_rebuild_parameter", Name::kRebuildParameter},
    {"torch._utils", "_rebuild_parameter_with_state", Name::kRebuildParameter},
    {"torch._tensor", "_rebuild_from_type_v2", Name::kRebuildFromType},
    {"torch", "Tensor", Name::kTensorType},
    {"torch.nn.parameter", "Parameter", Name::kTensorType},
    {"torch.nn.parameter", "Buffer", Name::kTensorType},
    {"torch", "Size", Name::kSize},
    {"torch", "device", Name::kInert},
    {"argparse", "Namespace", Name::kInert},
    // How protocol 2 writes bytes and sets.
    {"_codecs", "encode", Name::kInert},
    {"__builtin__", "set", Name::kInert},
    {"__builtin__", "frozenset", Name::kInert},
    {"builtins", "set", Name::kInert},
    {"builtins", "frozenset", Name::kInert},
};

struct StorageType {
  std::string_view name;
  Dtype dtype;
};
constexpr StorageType kStorageTypes[] = {
    {"FloatStorage", Dtype::kF32},     {"DoubleStorage", Dtype::kF64},
    {"HalfStorage", Dtype::kF16},      {"BFloat16Storage", Dtype::kBF16},
    {"LongStorage", Dtype::kI64},      {"IntStorage", Dtype::kI32},
    {"ShortStorage", Dtype::kI16},     {"CharStorage", Dtype::kI8},
    {"ByteStorage", Dtype::kU8},       {"BoolStorage", Dtype::kBool},
};

// The element types, which metadata may mention.
constexpr std::string_view kDtypeNames[] = {
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16",   "int8",
    "uint8",   "bool",    "float",   "double",   "half",  "long",  "complex64"};

struct Refused {
  std::string_view name;  // of torch._utils
  std::string_view what;
};
constexpr Refused kRefused[] = {
    {"_rebuild_qtensor", "a quantized tensor"},
    {"_rebuild_sparse_tensor", "a sparse tensor"},
    {"_rebuild_sparse_csr_tensor", "a sparse tensor"},
    {"_rebuild_nested_tensor", "a nested tensor"},
    {"_rebuild_meta_tensor_no_storage", "a tensor without data"},
    {"_rebuild_tensor_v3", "a tensor of a type that has no storage class"},
};

[[noreturn]] void fail(const std::string& file, std::string what) {
  throw Error(ErrorKind::kModel, Place{file}, std::move(what), std::string(kMend));
}

std::vector<std::int64_t> integers(const Pickle& pickle, const Node& from, const char* what,
                                   const std::string& file) {
  const auto refuse = [&](const char* why) {
    fail(file, std::string("has a tensor whose ") + what + " " + why);
  };
  if (from.kind != Kind::kTuple && from.kind != Kind::kList) refuse("is no tuple");
  if (from.items.size() > kMostDimensions) refuse("has too many dimensions");
  std::vector<std::int64_t> numbers;
  numbers.reserve(from.items.size());
  for (const NodeId id : from.items) {
    const Node& item = pickle.nodes[id];
    if (item.kind != Kind::kInt) refuse("is not made of integers");
    if (item.number < 0) refuse("is negative");
    numbers.push_back(item.number);
  }
  return numbers;
}

// Whether every element that shape and strides reach is one of the storage's.
bool lies_within(const TensorView& view) {
  std::uint64_t count = 1, last = view.first;
  for (const std::int64_t size : view.shape) {
    if (size == 0) return true;
  }
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    const auto size = static_cast<std::uint64_t>(view.shape[i]);
    const auto stride = static_cast<std::uint64_t>(view.strides[i]);
    std::uint64_t reach = 0;
    if (__builtin_mul_overflow(count, size, &count) ||
        __builtin_mul_overflow(size - 1, stride, &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return false;
    }
  }
  std::int64_t bytes = 0;
  return last < view.storage_elements && !__builtin_mul_overflow(count, byte_size(view.dtype), &bytes);
}

Node rebuild_tensor(Pickle& pickle, const std::vector<NodeId>& arguments, const std::string& file) {
  if (arguments.size() < 4) fail(file, "has a tensor without a storage, a place, a shape or strides");
  const Node& storage = pickle.nodes[arguments[0]];
  const Node& first = pickle.nodes[arguments[1]];
  if (storage.kind != Kind::kStorage) fail(file, "has a tensor whose storage is none");
  if (first.kind != Kind::kInt || first.number < 0) {
    fail(file, "has a tensor whose place in its storage is no number");
  }
  TensorView view;
  view.dtype = storage.dtype;
  view.storage = storage.text;
  view.storage_elements = static_cast<std::uint64_t>(storage.number);
  view.first = static_cast<std::uint64_t>(first.number);
  view.shape = integers(pickle, pickle.nodes[arguments[2]], "shape", file);
  view.strides = integers(pickle, pickle.nodes[arguments[3]], "strides", file);
  if (view.shape.size() != view.strides.size()) {
    fail(file, "has a tensor with " + std::to_string(view.shape.size()) + " dimensions and " +
                   std::to_string(view.strides.size()) + " strides");
  }
  if (!lies_within(view)) {
    fail(file, "has a tensor that reaches behind its storage `" +
                   shorten(view.storage, 40) + "` of " + std::to_string(view.storage_elements) +
                   " elements");
  }
  Node tensor{.kind = Kind::kTensor, .number = static_cast<std::int64_t>(pickle.tensors.size())};
  pickle.tensors.push_back(std::move(view));
  return tensor;
}

Node ordered_dict(const Pickle& pickle, const std::vector<NodeId>& arguments,
                  const std::string& file) {
  Node dict{.kind = Kind::kDict};
  if (arguments.empty()) return dict;
  const Node& pairs = pickle.nodes[arguments[0]];
  if (arguments.size() != 1 || pairs.kind != Kind::kList) fail(file, "has a dict made of no list");
  for (const NodeId id : pairs.items) {
    const Node& pair = pickle.nodes[id];
    if ((pair.kind != Kind::kTuple && pair.kind != Kind::kList) || pair.items.size() != 2) {
      fail(file, "has a dict made of items that are no pairs");
    }
    dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
  }
  return dict;
}

Node call_with(Pickle& pickle, Name name, const std::vector<NodeId>& arguments,
               const std::string& file) {
  switch (name) {
    case Name::kInert:
      return {.kind = Kind::kInert};
    case Name::kOrderedDict:
      return ordered_dict(pickle, arguments, file);
    case Name::kRebuildTensor:
      return rebuild_tensor(pickle, arguments, file);
    case Name::kRebuildParameter:
      if (arguments.empty() || pickle.nodes[arguments[0]].kind != Kind::kTensor) {
        fail(file, "has a parameter that is no tensor");
      }
      return pickle.nodes[arguments[0]];
    case Name::kSize:
      if (arguments.size() != 1) break;
      return {.kind = Kind::kTuple, .items = pickle.nodes[arguments[0]].items};
    case Name::kRebuildFromType: {
      if (arguments.size() != 4) break;
      const Node& function = pickle.nodes[arguments[0]];
      const Node& type = pickle.nodes[arguments[1]];
      const bool known = function.kind == Kind::kName && type.kind == Kind::kName &&
                         type.name == Name::kTensorType &&
                         (function.name == Name::kRebuildTensor ||
                          function.name == Name::kRebuildParameter) &&
                         pickle.nodes[arguments[2]].kind == Kind::kTuple;
      if (!known) break;
      const std::vector<NodeId> inner = pickle.nodes[arguments[2]].items;
      return call_with(pickle, function.name, inner, file);
    }
    case Name::kTensorType:
    case Name::kStorageType:
      break;
  }
  fail(file, "calls one of PyTorch's functions as torch.save never does");
}

}  // namespace

Node find_name(std::string_view module, std::string_view name, const std::string& file) {
  for (const Allowed& row : kAllowed) {
    if (row.module == module && row.name == name) {
      return {.kind = Kind::kName, .name = row.meaning};
    }
  }
  if (module == "torch" || module == "torch.cuda") {
    for (const StorageType& type : kStorageTypes) {
      if (type.name == name) {
        return {.kind = Kind::kName, .name = Name::kStorageType, .dtype = type.dtype};
      }
    }
    if (std::find(std::begin(kDtypeNames), std::end(kDtypeNames), name) != std::end(kDtypeNames)) {
      return {.kind = Kind::kName, .name = Name::kInert};
    }
  }
  const std::string shown = "`" + shorten(module, 80) + "." + shorten(name, 80) + "`";
  if (module == "torch._utils") {
    for (const Refused& row : kRefused) {
      if (row.name == name) {
        fail(file, "holds " + std::string(row.what) + " (" + shown + "), which can't be read");
      }
    }
  }
  if (module.starts_with("torch") && name.ends_with("Storage")) {
    fail(file, "holds tensors of " + shown + ", an element type that can't be read");
  }
  fail(file, "asks for " + shown +
                 ", which is no part of a state dict: a pickle can run any program, so the file "
                 "is not read further; nothing in it was executed");
}

Node call(Pickle& pickle, NodeId function, NodeId arguments, const std::string& file) {
  const Node& name = pickle.nodes[function];
  if (name.kind != Kind::kName || pickle.nodes[arguments].kind != Kind::kTuple) {
    fail(file, "calls something that is no function");
  }
  const std::vector<NodeId> items = pickle.nodes[arguments].items;
  return call_with(pickle, name.name, items, file);
}

Node find_storage(const Pickle& pickle, NodeId id, const std::string& file) {
  const Node& parts = pickle.nodes[id];
  const auto part = [&](std::size_t i) -> const Node& { return pickle.nodes[parts.items[i]]; };
  const bool known = parts.kind == Kind::kTuple && parts.items.size() == 5 &&
                     part(0).kind == Kind::kString && part(0).text == "storage" &&
                     part(1).kind == Kind::kName && part(1).name == Name::kStorageType &&
                     part(2).kind == Kind::kString && part(4).kind == Kind::kInt;
  if (!known) fail(file, "has a reference to something that is no storage");
  std::int64_t bytes = 0;
  if (part(4).number < 0 || __builtin_mul_overflow(part(4).number, byte_size(part(1).dtype), &bytes)) {
    fail(file, "has a storage of an impossible size");
  }
  return {.kind = Kind::kStorage,
          .dtype = part(1).dtype,
          .number = part(4).number,
          .text = part(2).text};
}

}  // namespace switchyard::torch
