#include "stages/weights/to_safetensors.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "engine/error.h"
#include "engine/file_writer.h"
#include "engine/output_file.h"
#include "stages/checkpoint/mapped_file.h"
#include "stages/checkpoint/safetensors.h"
#include "stages/weights/open_weights.h"
#include "stages/weights/safetensors_writer.h"
#include "stages/weights/torch/torch_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using torch::ArchiveEntry;
using torch::TorchFile;
using torch::TorchTensor;

// How many times the bytes of its storages a checkpoint's tensors may take. Views of one storage
// seldom overlap; a file that was made to fill the disk has thousands.
constexpr std::uint64_t kMostGrowth = 4;
constexpr std::size_t kChunk = 1 << 16;

// Where a tensor is: of a PyTorch file within a storage, else in the file itself.
struct Piece {
  const StoredTensor* stored = nullptr;
  const TorchTensor* torch = nullptr;
};

// Two tensors with the same key are the same memory seen the same way.
using Key = std::tuple<std::size_t, std::string, std::uint64_t, Dtype, std::vector<std::int64_t>,
                       std::vector<std::int64_t>>;

Key key_of(const Piece& piece) {
  const StoredTensor& stored = *piece.stored;
  if (piece.torch == nullptr) {
    return {stored.file, "", stored.offset, stored.dtype, stored.shape, {}};
  }
  const TorchTensor& torch = *piece.torch;
  return {stored.file, torch.entry, torch.first, torch.dtype, torch.shape, torch.strides};
}

// The sources, opened. Shards of PyTorch files are looked at twice: as Weights, which checks them
// against their index, and as what they hold.
class Sources {
 public:
  Sources(const RuleBook& rules, const WeightSource& source) {
    const FileOpener open = [&](const fs::path& file) {
      if (source.format == WeightFormat::kSafetensors) return open_safetensors(file);
      MappedFile mapping(file);
      torch_.push_back(
          torch::read_torch(mapping.bytes(), file.string(), state_dict_wrappers(rules)));
      OpenedFile opened{
          {canonical_path(file), mapping.size(), torch_.back().digest, file.filename().string()},
          std::move(mapping),
          {}};
      for (const TorchTensor& tensor : torch_.back().tensors) {
        opened.tensors.push_back({.name = tensor.name,
                                  .dtype = tensor.dtype,
                                  .shape = tensor.shape,
                                  .bytes = tensor.elements() * byte_size(tensor.dtype)});
      }
      return opened;
    };
    weights_ =
        source.sharded ? Weights::open_shards(source.file, open) : Weights::of(open(source.file));
  }

  const Weights& weights() const { return weights_; }
  // One for each file of PyTorch's, else none.
  const std::deque<TorchFile>& torch() const { return torch_; }

  Piece piece(const StoredTensor& stored) const {
    if (torch_.empty()) return {&stored, nullptr};
    const auto& tensors = torch_[stored.file].tensors;
    const auto at = std::lower_bound(
        tensors.begin(), tensors.end(), stored.name,
        [](const TorchTensor& tensor, const std::string& name) { return tensor.name < name; });
    return {&stored, &*at};
  }

 private:
  Weights weights_;  // owns the mappings that torch_ looks into
  std::deque<TorchFile> torch_;
};

// A compressed storage, unpacked into a file without a name, the last one that was asked for.
class Unpacked {
 public:
  explicit Unpacked(fs::path directory) : directory_(std::move(directory)) {}

  std::span<const std::byte> get(const TorchFile& file, const ArchiveEntry& entry) {
    if (last_ != &entry) {
      const fs::path path =
          directory_ / (".switchyard-storage-" + std::to_string(::getpid()) + ".tmp");
      FileWriter writer(path);
      file.archive.unpack(entry, [&](std::span<const std::byte> piece) {
        writer.append({reinterpret_cast<const char*>(piece.data()), piece.size()});
      });
      writer.close();
      mapping_.emplace(path);
      std::error_code ignored;
      fs::remove(path, ignored);
      last_ = &entry;
    }
    return mapping_->bytes();
  }

 private:
  fs::path directory_;
  const ArchiveEntry* last_ = nullptr;
  std::optional<MappedFile> mapping_;
};

// The elements in row-major order.
void append_strided(FileWriter& out, std::span<const std::byte> storage,
                    const TorchTensor& tensor) {
  const std::size_t size = byte_size(tensor.dtype);
  const char* const data = reinterpret_cast<const char*>(storage.data());
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  std::uint64_t at = tensor.first;
  std::string chunk;
  for (std::uint64_t left = tensor.elements(); left > 0; --left) {
    chunk.append(data + at * size, size);
    if (chunk.size() >= kChunk) {
      out.append(chunk);
      chunk.clear();
    }
    for (std::size_t d = index.size(); d-- > 0;) {
      const auto stride = static_cast<std::uint64_t>(tensor.strides[d]);
      at += stride;
      if (++index[d] < tensor.shape[d]) break;
      at -= static_cast<std::uint64_t>(index[d]) * stride;
      index[d] = 0;
    }
  }
  out.append(chunk);
}

void append_piece(FileWriter& out, const Sources& sources, const Piece& piece, Unpacked& unpacked) {
  const StoredTensor& stored = *piece.stored;
  if (stored.bytes == 0) return;
  const fs::path& path = sources.weights().files()[stored.file].path;
  if (piece.torch == nullptr) return out.append_file(path, stored.offset, stored.bytes);
  const TorchTensor& tensor = *piece.torch;
  const TorchFile& file = sources.torch()[stored.file];
  const ArchiveEntry& entry = *file.archive.find(tensor.entry);
  const std::uint64_t start = tensor.first * byte_size(tensor.dtype);
  if (tensor.is_contiguous() && !entry.compressed) {
    return out.append_file(path, entry.offset + start, stored.bytes);
  }
  const auto storage = entry.compressed ? unpacked.get(file, entry) : file.archive.view(entry);
  if (!tensor.is_contiguous()) return append_strided(out, storage, tensor);
  const auto bytes = storage.subspan(start, stored.bytes);
  out.append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void check_growth(const Sources& sources, const std::vector<Piece>& pieces, const fs::path& file) {
  std::set<std::pair<std::size_t, std::string>> storages;
  unsigned __int128 before = 0, after = 0;
  for (const Piece& piece : pieces) {
    after += piece.stored->bytes;
    if (piece.torch == nullptr ||
        !storages.emplace(piece.stored->file, piece.torch->entry).second) {
      continue;
    }
    before += sources.torch()[piece.stored->file].archive.find(piece.torch->entry)->bytes;
  }
  if (sources.torch().empty() || after <= before * kMostGrowth) return;
  throw Error(ErrorKind::kModel, Place{file.string()},
              "its tensors overlap: written out they would take more than " +
                  std::to_string(kMostGrowth) + " times the room",
              "Save the state dict with tensors of their own (`.clone()`)");
}

void refuse_source_as_output(const Sources& sources, const fs::path& output) {
  for (const WeightFile& file : sources.weights().files()) {
    std::error_code error;
    if (!fs::equivalent(file.path, output, error) || error) continue;
    throw Error(ErrorKind::kUsage, Place{output.string()}, "is what would be converted",
                "Give another file with -o, or convert another one: -m DIR/pytorch_model.bin");
  }
}

}  // namespace

ConversionReport convert_to_safetensors(const RuleBook& rules, const WeightSource& source,
                                        const fs::path& output) {
  const Sources sources(rules, source);
  refuse_source_as_output(sources, output);
  ConversionReport report{.file = output};
  for (const WeightFile& file : sources.weights().files()) {
    report.sources.push_back(source.file.parent_path() / file.name);
  }
  for (const TorchFile& file : sources.torch()) {
    report.left_out.insert(report.left_out.end(), file.left_out.begin(), file.left_out.end());
  }

  std::map<Key, std::string> kept;
  std::vector<Piece> pieces;
  for (const StoredTensor& stored : sources.weights().tensors()) {
    const Piece piece = sources.piece(stored);
    if (stored.bytes != 0) {
      const auto [at, is_new] = kept.emplace(key_of(piece), stored.name);
      if (!is_new) {
        report.tied.emplace_back(stored.name, at->second);
        continue;
      }
    }
    if (piece.torch != nullptr && !piece.torch->is_contiguous()) {
      report.reordered.push_back(stored.name);
    }
    pieces.push_back(piece);
  }
  check_growth(sources, pieces, source.file);
  const auto entry_of = [](const Piece& piece) {
    return SafetensorsEntry{piece.stored->name, piece.stored->dtype, piece.stored->shape,
                            piece.stored->bytes};
  };
  std::sort(pieces.begin(), pieces.end(), [&](const Piece& a, const Piece& b) {
    return stands_before(entry_of(a), entry_of(b));
  });
  std::vector<SafetensorsEntry> entries;
  for (const Piece& piece : pieces) entries.push_back(entry_of(piece));
  std::vector<std::pair<std::string, std::string>> metadata{{"format", "pt"}};
  metadata.insert(metadata.end(), report.tied.begin(), report.tied.end());
  const std::string head = safetensors_head(entries, metadata);

  report.tensors = entries.size();
  report.bytes = head.size();
  for (const SafetensorsEntry& entry : entries) report.bytes += entry.bytes;
  write_beside(output, [&](const fs::path& draft) {
    Unpacked unpacked(draft.parent_path());
    FileWriter out(draft);
    out.append(head);
    for (const Piece& piece : pieces) append_piece(out, sources, piece, unpacked);
    out.close();
  });
  return report;
}

}  // namespace switchyard
