#include "stages/weights/torch/torch_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/digest.h"
#include "engine/error.h"
#include "engine/text.h"
#include "stages/checkpoint/mapped_file.h"
#include "stages/weights/torch/pickle.h"

namespace switchyard::torch {
namespace {

using Kind = Node::Kind;

constexpr std::string_view kZipStart = "PK\3\4";
// torch.save before 1.6 writes its magic number as a pickle of its own.
constexpr std::string_view kLegacyStart("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14);

[[noreturn]] void fail(const std::string& file, std::string what, std::string mend) {
  throw Error(ErrorKind::kModel, Place{file}, std::move(what), std::move(mend));
}

void check_start(std::string_view text, const std::string& file) {
  refuse_lfs_pointer(text, file);
  if (text.starts_with(kZipStart)) return;
  const std::string again =
      "Where you trust it, write it anew with PyTorch: torch.save(torch.load(FILE, "
      "weights_only=True), FILE)";
  if (text.empty()) fail(file, "is empty", "Download the file again");
  if (text.starts_with(kLegacyStart)) {
    fail(file, "is in the format of PyTorch before 1.6 (a sequence of pickles, no zip archive), "
               "which is not read", again);
  }
  if (text.front() == '\x80') fail(file, "is a bare pickle, not a file of torch.save", again);
  // The JSON of a safetensors header follows its length of eight bytes.
  if (text.size() > 9 && text.substr(8, 2) == "{\"") {
    fail(file, "is not a file of torch.save: it begins as a safetensors file does",
         "Rename it to model.safetensors");
  }
  fail(file, "is not a file of torch.save: it is no zip archive", "Download the file again");
}

// Every entry with its place and checksum: another file has another list.
std::string digest_of(const Archive& archive, std::string_view pickle) {
  Sha256 digest;
  digest.add_field(pickle);
  for (const auto& [name, entry] : archive.entries()) {
    digest.add_field(name);
    digest.add_field(std::to_string(entry.offset) + " " + std::to_string(entry.packed) + " " +
                     std::to_string(entry.bytes) + " " + std::to_string(entry.crc));
  }
  return digest.hex();
}

// The few small entries that are read whole.
std::string read_small(const Archive& archive, const ArchiveEntry& entry, const std::string& name,
                       const std::string& file) {
  constexpr std::uint64_t kMost = std::uint64_t{64} << 20;
  if (entry.bytes > kMost) {
    fail(file, "has the entry `" + name + "` of " + std::to_string(entry.bytes) + " bytes",
         "Save the state dict alone: torch.save(model.state_dict(), ...)");
  }
  std::string text;
  archive.unpack(entry, [&](std::span<const std::byte> piece) {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return text;
}

void check_archive(const Archive& archive, const std::string& file) {
  for (const auto& [name, entry] : archive.entries()) {
    if (name == "constants.pkl" || name.starts_with("code/")) {
      fail(file, "is a TorchScript program, not a checkpoint",
           "Save the model's state dict: torch.save(model.state_dict(), ...)");
    }
  }
  if (const ArchiveEntry* order = archive.find("byteorder")) {
    const std::string text = read_small(archive, *order, "byteorder", file);
    if (trim(text) != "little") {
      fail(file, "was written on a machine of another byte order ('" + shorten(trim(text), 20) + "')",
           "Load it there and save it as safetensors");
    }
  }
}

bool is_dict(const Pickle& pickle, NodeId id) { return pickle.nodes[id].kind == Kind::kDict; }

bool holds_tensors(const Pickle& pickle, NodeId dict) {
  const auto& items = pickle.nodes[dict].items;
  for (std::size_t i = 1; i < items.size(); i += 2) {
    if (pickle.nodes[items[i]].kind == Kind::kTensor) return true;
  }
  return false;
}

// "`epoch`, `model` and `optimizer`", or as many as a message can hold.
std::string keys_of(const Pickle& pickle, NodeId dict) {
  constexpr std::size_t kShown = 6;
  std::vector<std::string> names;
  const auto& items = pickle.nodes[dict].items;
  for (std::size_t i = 0; i < items.size() && names.size() < kShown; i += 2) {
    const Node& key = pickle.nodes[items[i]];
    if (key.kind == Kind::kString) names.push_back("`" + shorten(key.text, 40) + "`");
  }
  if (items.size() / 2 > kShown) names.push_back("others");
  return names.empty() ? "nothing" : join_names(names);
}

NodeId find_state_dict(const Pickle& pickle, const std::vector<std::string>& wrappers,
                       TorchFile& result, const std::string& file) {
  const auto refuse = [&](const std::string& what) {
    fail(file, "holds no state dict: " + what,
         "Save the model's state dict alone: torch.save(model.state_dict(), ...)");
  };
  if (!is_dict(pickle, pickle.root)) refuse("the outermost object is no dict");
  if (holds_tensors(pickle, pickle.root)) return pickle.root;
  const auto& items = pickle.nodes[pickle.root].items;
  for (const std::string& wrapper : wrappers) {
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const Node& key = pickle.nodes[items[i]];
      if (key.kind != Kind::kString || key.text != wrapper) continue;
      if (!is_dict(pickle, items[i + 1]) || !holds_tensors(pickle, items[i + 1])) continue;
      result.unwrapped = wrapper;
      return items[i + 1];
    }
  }
  refuse("the outermost dict holds " + keys_of(pickle, pickle.root) +
         ", and none of them is known to hold the model's tensors");
  return 0;
}

TorchTensor make_tensor(std::string_view name, const TensorView& view, const Archive& archive,
                        const std::string& file) {
  const auto refuse = [&](const std::string& what) {
    fail(file, "tensor `" + shorten(name, 200) + "` " + what, "Download the file again");
  };
  TorchTensor tensor;
  tensor.name = name;
  tensor.dtype = view.dtype;
  tensor.shape = view.shape;
  tensor.strides = view.strides;
  tensor.first = view.first;
  tensor.entry = "data/" + std::string(view.storage);
  const ArchiveEntry* entry = archive.find(tensor.entry);
  if (entry == nullptr) refuse("lies in the storage `" + shorten(view.storage, 40) + "`, which is not there");
  // No overflow: the pickle's reader has checked it.
  const std::uint64_t wanted = view.storage_elements * byte_size(view.dtype);
  if (entry->bytes < wanted) {
    refuse("lies in a storage that should have " + std::to_string(wanted) + " bytes, but has only " +
           std::to_string(entry->bytes));
  }
  return tensor;
}

}  // namespace

std::uint64_t TorchTensor::elements() const {
  std::uint64_t count = 1;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  for (const std::int64_t size : shape) count *= static_cast<std::uint64_t>(size);
  return count;
}

bool TorchTensor::is_contiguous() const {
  if (elements() == 0) return true;
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    // The stride of a dimension of one element is never used.
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

TorchFile read_torch(std::span<const std::byte> bytes, const std::string& file,
                     const std::vector<std::string>& wrappers) {
  check_start({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
  TorchFile result{.archive = Archive(bytes, file)};
  const Archive& archive = result.archive;
  check_archive(archive, file);
  const ArchiveEntry* entry = archive.find("data.pkl");
  if (entry == nullptr) {
    fail(file, "is a zip archive without data.pkl, so not a file of torch.save",
         "Download the file again");
  }
  std::string unpacked;
  std::span<const std::byte> program;
  if (entry->compressed) {
    unpacked = read_small(archive, *entry, "data.pkl", file);
    program = std::as_bytes(std::span(unpacked));
  } else {
    program = archive.view(*entry);
  }
  const Pickle pickle = read_pickle(program, file);
  result.digest =
      digest_of(archive, {reinterpret_cast<const char*>(program.data()), program.size()});

  const auto& items = pickle.nodes[find_state_dict(pickle, wrappers, result, file)].items;
  for (std::size_t i = 0; i < items.size(); i += 2) {
    const Node& key = pickle.nodes[items[i]];
    const Node& value = pickle.nodes[items[i + 1]];
    const bool named = key.kind == Kind::kString;
    if (value.kind != Kind::kTensor) {
      if (named && is_utf8(key.text)) result.left_out.emplace_back(key.text);
      continue;
    }
    if (!named || !is_utf8(key.text)) {
      fail(file, "has a tensor whose name is no text", "Save the state dict again");
    }
    result.tensors.push_back(make_tensor(
        key.text, pickle.tensors[static_cast<std::size_t>(value.number)], archive, file));
  }
  std::sort(result.tensors.begin(), result.tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(result.tensors.begin(), result.tensors.end(),
                         [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != result.tensors.end()) {
    fail(file, "has tensor `" + twice->name + "` twice", "Save the state dict again");
  }
  return result;
}

OpenedFile open_torch(const std::filesystem::path& file, const std::vector<std::string>& wrappers) {
  MappedFile mapping(file);
  const TorchFile torch = read_torch(mapping.bytes(), file.string(), wrappers);
  OpenedFile opened{{canonical_path(file), mapping.size(), torch.digest, file.filename().string()},
                    std::move(mapping),
                    {}};
  for (const TorchTensor& tensor : torch.tensors) {
    const ArchiveEntry& entry = *torch.archive.find(tensor.entry);
    const bool contiguous = tensor.is_contiguous();
    if (entry.compressed || !contiguous) {
      fail(file.string(),
           "tensor `" + tensor.name + "` can't be used where it lies: " +
               (contiguous ? "its bytes are compressed" : "its elements are not in row-major order"),
           "Convert the checkpoint once: switchyard checkpoint to-safetensors -m " + file.string());
    }
    const std::size_t size = byte_size(tensor.dtype);
    opened.tensors.push_back({.name = tensor.name,
                              .dtype = tensor.dtype,
                              .shape = tensor.shape,
                              .offset = entry.offset + (tensor.elements() == 0 ? 0 : tensor.first * size),
                              .bytes = tensor.elements() * size});
  }
  return opened;
}

}  // namespace switchyard::torch
