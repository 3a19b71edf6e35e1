// A layer of rules: the embedded ones, or a directory, or texts in memory. The rule book asks all
// of them the same questions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/knowledge.h"
#include "engine/rule_files.h"
#include "engine/yaml.h"

namespace switchyard {

// Immutable and thread-safe.
class RuleLayer {
 public:
  struct Document {
    DocumentKind kind;
    std::string_view name;
    Place place;
  };

  virtual ~RuleLayer() = default;

  // In the order of the files. Several documents may carry on one decision or knowledge table.
  virtual const std::vector<Document>& documents() const = 0;
  virtual YamlNode parse(std::size_t document) const = 0;
  // Of a recipe or block library.
  virtual std::string text(std::size_t document) const = 0;
  // The rows of a table, whose documents are given; `fold_keys` is set where nothing said it
  // before. Faults are thrown, or collected.
  virtual std::unique_ptr<KnowledgeRows> rows(const std::vector<std::size_t>& documents,
                                              std::optional<bool>& fold_keys,
                                              Faults* faults = nullptr) const = 0;
  // Whether errors in it were looked for before, so that checks that cost time may be left out.
  virtual bool is_checked() const = 0;
  virtual std::string digest() const = 0;
};

// Throws Error(kUsage), or collects, for a file that is no rule file, or a recipe or library that
// is there twice.
std::unique_ptr<RuleLayer> make_text_layer(std::vector<RuleFile> files, Faults* faults = nullptr);

}  // namespace switchyard
