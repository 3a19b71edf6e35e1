// The pickle of a PyTorch checkpoint, read without running anything.
//
// A pickle is a program for a small stack machine that may name any function of any Python module
// and have it called. This reader has no such power: it knows the instructions that Python's pickle
// module writes for plain data (protocols 2 to 5), and of names only those that put a state dict
// together (rebuild.h). Any other instruction or name is an error; nothing is ever looked up.
// The format: Lib/pickletools.py of CPython.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stages/checkpoint/weights.h"

namespace switchyard::torch {

// Positions in Pickle::nodes.
using NodeId = std::uint32_t;

// What an allowed name stands for.
enum class Name : std::uint8_t {
  kOrderedDict,
  kSize,    // torch.Size
  kInert,   // a class of data that holds no tensor: torch.device, argparse.Namespace
  kTensorType,  // torch.Tensor and torch.nn.Parameter, as an argument
  kStorageType,
  kRebuildTensor,
  kRebuildParameter,
  kRebuildFromType,
};

// A view of a storage.
struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::string_view storage;                // its key: the entry data/KEY
  std::uint64_t storage_elements = 0;
  std::uint64_t first = 0;                 // element of the storage
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;       // in elements, as many as `shape`, none negative
};

struct Node {
  enum class Kind : std::uint8_t {
    kNone,
    kBool,
    kInt,
    kString,
    kTuple,
    kList,
    kDict,     // keys and values in turn
    kName,
    kStorage,  // text: key; number: elements
    kTensor,   // number: which of Pickle::tensors
    kInert,    // floats, bytes, objects: nobody asks what is in them
  };
  Kind kind = Kind::kNone;
  Name name = Name::kInert;    // of kName
  Dtype dtype = Dtype::kF32;   // of a storage, or of a storage's type
  std::int64_t number = 0;
  std::string_view text;       // points into the pickle
  std::vector<NodeId> items;   // of tuple, list, dict
};

struct Pickle {
  std::vector<Node> nodes;
  std::vector<TensorView> tensors;  // every one lies within its storage
  NodeId root = 0;
  std::size_t size = 0;  // bytes read: a pickle says itself where it ends
};

// `bytes` must outlive the result. `file`: for messages. Memory stays below 200 bytes for a byte of
// the pickle and below 1 GB in all; there is no recursion.
// Throws Error(kModel): another name (it is given), another instruction, a truncated or endless
// pickle, a tensor outside its storage.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& file);

}  // namespace switchyard::torch
