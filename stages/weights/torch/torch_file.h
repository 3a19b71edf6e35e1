// A file written by torch.save (pytorch_model.bin, .pt, .pth): which tensors it holds, and where.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "stages/checkpoint/opened_file.h"
#include "stages/weights/torch/archive.h"

namespace switchyard::torch {

struct TorchTensor {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  // in elements
  std::uint64_t first = 0;            // element of the storage
  std::string entry;                  // the storage, an entry of the archive

  std::uint64_t elements() const;
  // Row-major, without gaps.
  bool is_contiguous() const;
};

struct TorchFile {
  Archive archive;
  std::vector<TorchTensor> tensors;   // sorted by name; each lies within its entry's bytes
  std::string unwrapped;              // the key under which the state dict lay; empty: none
  std::vector<std::string> left_out;  // names in the state dict that are no tensors
  std::string digest;                 // of pickle and entries, hex SHA-256
};

// `bytes`: the whole file; must outlive the result. `wrappers`: keys under which a training script
// may have put the state dict, best first; they count where the outermost dict holds no tensor
// itself. Nothing in the file is executed (pickle.h).
// Throws Error(kModel): PyTorch's format from before 1.6, TorchScript, no state dict, big-endian, a
// storage that is missing or too short, what read_pickle and Archive refuse.
TorchFile read_torch(std::span<const std::byte> bytes, const std::string& file,
                     const std::vector<std::string>& wrappers);

// The file with its tensors used where they lie.
// Throws Error(kModel) as read_torch, and naming the tensor that can't be used in place (not
// row-major, compressed), with the command that converts the file.
OpenedFile open_torch(const std::filesystem::path& file, const std::vector<std::string>& wrappers);

}  // namespace switchyard::torch
