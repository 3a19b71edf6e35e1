#include "engine/rule_blob.h"

#include <algorithm>
#include <atomic>

#include "engine/byte_codec.h"
#include "engine/node_codec.h"
#include "engine/rule_blob_format.h"

namespace switchyard {

namespace {

// Where a blob's files and documents lie; all offsets are checked when they are used.
struct BlobFiles {
  std::string_view bytes;
  std::vector<std::shared_ptr<const std::string>> names;

  std::string_view part(std::uint32_t offset, std::uint32_t length) const {
    if (offset > bytes.size() || length > bytes.size() - offset) fail_damaged_rules();
    return bytes.substr(offset, length);
  }
  const std::shared_ptr<const std::string>& name(std::uint64_t file) const {
    if (file >= names.size()) fail_damaged_rules();
    return names[file];
  }
};

class BlobRows : public KnowledgeRows {
 public:
  BlobRows(const BlobFiles& files, std::string_view payload) : files_(files), payload_(payload) {
    ByteReader header(payload_);
    flags_ = header.fixed32();
    count_ = header.fixed32();
    if (count_ > (payload_.size() - kIndexStart) / kIndexEntry) fail_damaged_rules();
    decoded_ = std::make_unique<std::atomic<const Row*>[]>(count_);
  }
  ~BlobRows() override {
    for (std::uint32_t i = 0; i < count_; ++i) delete decoded_[i].load();
  }
  BlobRows(const BlobRows&) = delete;
  BlobRows& operator=(const BlobRows&) = delete;

  std::optional<bool> says_fold() const {
    if ((flags_ & blob::kKeysSaid) == 0) return std::nullopt;
    return folds();
  }

  std::optional<Row> find(std::string_view key) const override {
    const std::uint32_t hash = blob::hash_key(key, folds());
    std::uint32_t low = 0, high = count_;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (index_entry(middle).first < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (; low < count_; ++low) {
      const auto [row_hash, offset] = index_entry(low);
      if (row_hash != hash) break;
      if (const Row* row = decoded_[low].load(std::memory_order_acquire)) {
        if (is_key(row->key, key)) return *row;
        continue;
      }
      if (offset > payload_.size()) fail_damaged_rules();
      ByteReader in(payload_.substr(offset));
      const std::string_view row_key = in.text();
      if (is_key(row_key, key)) return keep(low, read_row(row_key, in));
    }
    return std::nullopt;
  }

  bool folds_keys() const override { return folds(); }

  void for_each_key(const std::function<void(std::string_view)>& use) const override {
    ByteReader in(payload_.substr(kIndexStart + kIndexEntry * count_));
    while (!in.at_end()) {
      use(in.text());
      for (int field = 0; field < 3; ++field) in.varint();
      in.text();
    }
  }

 private:
  static constexpr std::size_t kIndexStart = 8;
  static constexpr std::size_t kIndexEntry = 8;

  bool folds() const { return (flags_ & blob::kKeysFold) != 0; }

  bool is_key(std::string_view row_key, std::string_view key) const {
    return folds() ? folds_to(row_key, key) : row_key == key;
  }

  // The hash of a row and where it lies; i < count_, which the constructor held against the size.
  std::pair<std::uint32_t, std::uint32_t> index_entry(std::uint32_t i) const {
    const auto* at = reinterpret_cast<const unsigned char*>(payload_.data()) + kIndexStart +
                     kIndexEntry * std::size_t{i};
    const auto fixed32 = [](const unsigned char* p) {
      return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
             std::uint32_t{p[3]} << 24;
    };
    return {fixed32(at), fixed32(at + 4)};
  }

  // Rows are decoded once: where many models are resolved, the same ones are asked for again and
  // again. Of two threads that decode a row at the same time, one keeps its copy.
  const Row& keep(std::uint32_t i, Row row) const {
    auto mine = std::make_unique<const Row>(std::move(row));
    const Row* there = nullptr;
    if (!decoded_[i].compare_exchange_strong(there, mine.get(), std::memory_order_acq_rel)) {
      return *there;
    }
    return *mine.release();
  }

  Row read_row(std::string_view key, ByteReader& in) const {
    const std::string& file = *files_.name(in.varint());
    const auto line = static_cast<int>(in.varint());
    const auto column = static_cast<int>(in.varint());
    return {key, ByteReader(in.text()).value(), {file, line, column}};
  }

  const BlobFiles& files_;
  std::string_view payload_;
  std::uint32_t flags_ = 0;
  std::uint32_t count_ = 0;
  std::unique_ptr<std::atomic<const Row*>[]> decoded_;  // by position in the index; null: not yet
};

class BlobLayer : public RuleLayer {
 public:
  explicit BlobLayer(std::string_view bytes) {
    files_.bytes = bytes;
    ByteReader in(bytes);
    if (in.raw(blob::kMagic.size()) != blob::kMagic) fail_damaged_rules();
    if (in.fixed32() != blob::kVersion) fail_damaged_rules();
    if (in.fixed32() != bytes.size()) fail_damaged_rules();
    digest_ = in.raw(blob::kDigestLength);
    const std::uint32_t files = in.fixed32();
    const std::uint32_t documents = in.fixed32();
    for (std::uint32_t i = 0; i < files; ++i) {
      files_.names.push_back(std::make_shared<const std::string>(part(in)));
    }
    for (std::uint32_t i = 0; i < documents; ++i) {
      const std::uint32_t kind = in.fixed32();
      if (kind > static_cast<std::uint32_t>(DocumentKind::kBlockLibrary)) fail_damaged_rules();
      const std::string_view name = part(in);
      const auto& file = files_.name(in.fixed32());
      const auto first_line = static_cast<int>(in.fixed32());
      documents_.push_back({static_cast<DocumentKind>(kind), name, {*file, first_line}});
      payloads_.push_back({file, part(in)});
    }
  }

  const std::vector<Document>& documents() const override { return documents_; }

  YamlNode parse(std::size_t document) const override {
    const Payload& payload = payloads_.at(document);
    ByteReader in(payload.bytes);
    return read_node(in, payload.file);
  }

  std::string text(std::size_t document) const override {
    return std::string(payloads_.at(document).bytes);
  }

  std::unique_ptr<KnowledgeRows> rows(const std::vector<std::size_t>& documents,
                                      std::optional<bool>& fold_keys, Faults*) const override {
    // The writer makes one document of a table, and nothing lies below the embedded rules.
    auto rows = std::make_unique<BlobRows>(files_, payloads_.at(documents.at(0)).bytes);
    fold_keys = rows->says_fold();
    return rows;
  }

  bool is_checked() const override { return true; }
  std::string digest() const override { return std::string(digest_); }

 private:
  struct Payload {
    std::shared_ptr<const std::string> file;
    std::string_view bytes;
  };

  std::string_view part(ByteReader& in) const {
    const std::uint32_t offset = in.fixed32();
    return files_.part(offset, in.fixed32());
  }

  BlobFiles files_;
  std::string_view digest_;
  std::vector<Document> documents_;
  std::vector<Payload> payloads_;
};

}  // namespace

std::unique_ptr<RuleLayer> make_blob_layer(std::span<const std::byte> bytes) {
  return std::make_unique<BlobLayer>(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace switchyard
