// write_rule_blob.
#include <algorithm>
#include <map>

#include "engine/knowledge.h"
#include "engine/node_codec.h"
#include "engine/rule_blob.h"
#include "engine/rule_blob_format.h"

namespace switchyard {

namespace {

struct Document {
  DocumentKind kind;
  std::string name;
  std::uint32_t file;
  int first_line;
  std::string payload;
};

class BlobWriter {
 public:
  explicit BlobWriter(const std::vector<RuleFile>& files) : files_(files) {
    for (std::uint32_t i = 0; i < files.size(); ++i) file_numbers_[files[i].name] = i;
  }

  std::string write() {
    std::map<std::string, std::vector<RuleDocument>> tables;
    for (const RuleFile& file : files_) {
      for (const RuleDocument& document : split_documents(file)) {
        if (document.kind == DocumentKind::kKnowledge) {
          tables[document.name].push_back(document);
        } else {
          add(document, payload(document));
        }
      }
    }
    for (const auto& [name, documents] : tables) add(documents.front(), knowledge(documents));
    return assemble();
  }

 private:
  void add(const RuleDocument& document, std::string payload) {
    documents_.push_back({document.kind, document.name, file_numbers_.at(document.file),
                          document.first_line, std::move(payload)});
  }

  static std::string payload(const RuleDocument& document) {
    const YamlNode root = document.parse();  // recipes too: their errors are found now
    if (document.kind != DocumentKind::kDecision) return document.numbered_text();
    ByteWriter out;
    write_node(root, out);
    return out.take();
  }

  std::string knowledge(const std::vector<RuleDocument>& documents) const {
    std::vector<YamlNode> nodes;
    for (const RuleDocument& document : documents) nodes.push_back(document.parse());
    const KnowledgeDocument table = parse_knowledge(nodes, std::nullopt);
    const bool folds = table.fold_keys.value_or(false);

    constexpr std::uint32_t kIndexEntry = 8;
    const auto rows_start = static_cast<std::uint32_t>(8 + kIndexEntry * table.rows.size());
    ByteWriter rows;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> index;
    for (const KnowledgeDocument::Entry& row : table.rows) {
      index.emplace_back(blob::hash_key(row.key, folds),
                         rows_start + static_cast<std::uint32_t>(rows.size()));
      ByteWriter value;
      value.value(row.value.value());
      rows.text(row.key);
      rows.varint(file_numbers_.at(row.place.file));
      rows.varint(static_cast<std::uint64_t>(row.place.line));
      rows.varint(static_cast<std::uint64_t>(row.place.column));
      rows.text(value.take());
    }
    std::sort(index.begin(), index.end());

    ByteWriter out;
    out.fixed32((table.fold_keys ? blob::kKeysSaid : 0) | (folds ? blob::kKeysFold : 0));
    out.fixed32(static_cast<std::uint32_t>(table.rows.size()));
    for (const auto& [hash, offset] : index) {
      out.fixed32(hash);
      out.fixed32(offset);
    }
    out.raw(rows.take());
    return out.take();
  }

  std::string assemble() const {
    ByteWriter out;
    const std::size_t header = blob::kMagic.size() + 8 + blob::kDigestLength + 8;
    auto offset = static_cast<std::uint32_t>(header + 8 * files_.size() + 28 * documents_.size());
    std::string body;
    const auto place = [&](std::string_view bytes) {
      out.fixed32(offset + static_cast<std::uint32_t>(body.size()));
      out.fixed32(static_cast<std::uint32_t>(bytes.size()));
      body += bytes;
    };
    std::size_t total = offset;
    for (const RuleFile& file : files_) total += file.name.size();
    for (const Document& document : documents_) {
      total += document.name.size() + document.payload.size();
    }
    out.raw(blob::kMagic);
    out.fixed32(blob::kVersion);
    out.fixed32(static_cast<std::uint32_t>(total));
    out.raw(digest_files(files_));
    out.fixed32(static_cast<std::uint32_t>(files_.size()));
    out.fixed32(static_cast<std::uint32_t>(documents_.size()));
    for (const RuleFile& file : files_) place(file.name);
    for (const Document& document : documents_) {
      out.fixed32(static_cast<std::uint32_t>(document.kind));
      place(document.name);
      out.fixed32(document.file);
      out.fixed32(static_cast<std::uint32_t>(document.first_line));
      place(document.payload);
    }
    out.raw(body);
    return out.take();
  }

  const std::vector<RuleFile>& files_;
  std::map<std::string, std::uint32_t> file_numbers_;
  std::vector<Document> documents_;
};

}  // namespace

std::string write_rule_blob(const std::vector<RuleFile>& files) {
  return BlobWriter(files).write();
}

}  // namespace switchyard
