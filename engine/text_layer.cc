// A layer of rules from YAML texts.
#include <map>

#include "engine/rule_layer.h"

namespace switchyard {

namespace {

class TextLayer : public RuleLayer {
 public:
  TextLayer(std::vector<RuleFile> files, Faults* faults) : files_(std::move(files)) {
    for (const RuleFile& file : files_) {
      for (RuleDocument& document : split_documents(file, faults)) {
        documents_.push_back(std::move(document));
      }
    }
    std::map<std::pair<DocumentKind, std::string_view>, const RuleDocument*> sources;
    for (const RuleDocument& document : documents_) {
      headers_.push_back({document.kind, document.name, document.place()});
      if (document.kind == DocumentKind::kDecision || document.kind == DocumentKind::kKnowledge) {
        continue;
      }
      const auto put =
          sources.emplace(std::pair{document.kind, std::string_view(document.name)}, &document);
      if (put.second) continue;
      const RuleDocument& earlier = *put.first->second;
      attempt(faults, [&] {
        throw Error(ErrorKind::kUsage, document.place(),
                    "`" + std::string(kind_key(document.kind)) + ": " + document.name +
                        "` is there before, at " + earlier.place().str(),
                    "Rename or remove one of the two");
      });
    }
  }

  const std::vector<Document>& documents() const override { return headers_; }
  YamlNode parse(std::size_t document) const override { return documents_.at(document).parse(); }
  std::string text(std::size_t document) const override {
    return documents_.at(document).numbered_text();
  }

  std::unique_ptr<KnowledgeRows> rows(const std::vector<std::size_t>& documents,
                                      std::optional<bool>& fold_keys,
                                      Faults* faults) const override {
    std::vector<YamlNode> nodes;
    for (const std::size_t document : documents) {
      attempt(faults, [&] { nodes.push_back(parse(document)); });
    }
    KnowledgeDocument table = parse_knowledge(nodes, fold_keys, faults);
    fold_keys = table.fold_keys;
    return make_rows(std::move(table), fold_keys.value_or(false));
  }

  bool is_checked() const override { return false; }
  std::string digest() const override { return digest_files(files_); }

 private:
  std::vector<RuleFile> files_;
  std::vector<RuleDocument> documents_;
  std::vector<Document> headers_;
};

}  // namespace

std::unique_ptr<RuleLayer> make_text_layer(std::vector<RuleFile> files, Faults* faults) {
  return std::make_unique<TextLayer>(std::move(files), faults);
}

}  // namespace switchyard
