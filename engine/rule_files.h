// Rule files as they lie on disk: found, read, and split into documents whose kind is told by their
// top-level key, without parsing them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/parse_cache.h"
#include "engine/faults.h"
#include "engine/yaml.h"

namespace switchyard {

// A file's name as shown in messages, its path relative to the layer's directory, and its content.
struct RuleFile {
  std::string name;
  std::string relative;
  std::shared_ptr<const std::string> text;
};

// All .yaml and .yml files below `directory`, sorted by relative path. Hidden files and folders are
// left out, as are folders that are symbolic links (files that are links are read). `shown_as`
// stands for the directory in names. Throws Error(kUsage) when the directory can't be read or a
// file is larger than 16 MiB.
std::vector<RuleFile> read_rule_directory(const std::filesystem::path& directory,
                                          const std::string& shown_as);

enum class DocumentKind : std::uint8_t { kDecision, kKnowledge, kRecipe, kBlockLibrary };

// The top-level key that tells the kind.
std::string_view kind_key(DocumentKind kind);

struct RuleDocument {
  DocumentKind kind;
  std::string name;
  std::string file;
  int first_line = 1;
  std::string_view text;  // a view into the file's text
  std::shared_ptr<const std::string> file_text;

  YamlNode parse() const { return parse_kept_yaml(text, file, first_line); }
  Place place() const { return {file, first_line}; }
  // The text with as many empty lines before it as the file has, so that line numbers stay true.
  std::string numbered_text() const;
};

// The documents of a file, in order. Documents without content are left out. Throws Error(kUsage),
// or collects and leaves out, for a document that is none of the kinds.
std::vector<RuleDocument> split_documents(const RuleFile& file, Faults* faults = nullptr);

// Hex SHA-256 over names and contents.
std::string digest_files(const std::vector<RuleFile>& files);

}  // namespace switchyard
