// The fuzz target for PyTorch files: bytes of anyone's making, as a whole file and as the pickle in
// it, are read, and all that they give is looked at. Nothing but Error may be thrown.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/error.h"
#include "stages/weights/torch/pickle.h"
#include "stages/weights/torch/torch_file.h"

namespace switchyard::torch {
namespace {

void read_whole(std::span<const std::byte> bytes) {
  const TorchFile file = read_torch(bytes, "fuzz.bin", {"state_dict", "model"});
  std::uint64_t sum = 0;
  for (const TorchTensor& tensor : file.tensors) {
    const ArchiveEntry& entry = *file.archive.find(tensor.entry);
    if (tensor.elements() == 0 || !tensor.is_contiguous() || entry.compressed) continue;
    const auto data = file.archive.view(entry).subspan(tensor.first * byte_size(tensor.dtype),
                                                       tensor.elements() * byte_size(tensor.dtype));
    for (const std::byte byte : data) sum += static_cast<std::uint64_t>(byte);
  }
  for (const auto& [name, entry] : file.archive.entries()) {
    file.archive.unpack(entry, [&](std::span<const std::byte> piece) { sum += piece.size(); });
  }
}

}  // namespace
}  // namespace switchyard::torch

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace switchyard;
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    torch::read_whole(bytes);
  } catch (const Error&) {
  }
  try {
    torch::read_pickle(bytes, "fuzz.pkl");
  } catch (const Error&) {
  }
  return 0;
}
