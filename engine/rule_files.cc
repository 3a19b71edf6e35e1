#include "engine/rule_files.h"

#include <algorithm>
#include <fstream>

#include "engine/digest.h"
#include "engine/text.h"

namespace switchyard {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{16} << 20;

constexpr std::pair<std::string_view, DocumentKind> kKinds[] = {
    {"decision", DocumentKind::kDecision},
    {"knowledge", DocumentKind::kKnowledge},
    {"recipe", DocumentKind::kRecipe},
    {"blocks_library", DocumentKind::kBlockLibrary}};

const DocumentKind* kind_of(std::string_view key) {
  for (const auto& [word, kind] : kKinds) {
    if (word == key) return &kind;
  }
  return nullptr;
}

std::shared_ptr<const std::string> read_text(const fs::path& path, const std::string& name) {
  std::error_code fault;
  const std::uintmax_t size = fs::file_size(path, fault);
  if (fault) throw Error(ErrorKind::kUsage, Place{name}, "can't be read: " + fault.message());
  if (size > kMaxBytes) throw Error(ErrorKind::kUsage, Place{name}, "is larger than 16 MiB");
  std::ifstream stream(path, std::ios::binary);
  auto text = std::make_shared<std::string>(static_cast<std::size_t>(size), '\0');
  stream.read(text->data(), static_cast<std::streamsize>(text->size()));
  text->resize(static_cast<std::size_t>(stream.gcount()));
  if (!stream.is_open() || stream.bad()) {
    throw Error(ErrorKind::kUsage, Place{name}, "can't be read", "Check that it may be opened");
  }
  return text;
}

bool is_rule_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

// One line of a text, and where the next one begins.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  const std::size_t end = std::min(text.find('\n', at), text.size());
  at = end + 1;
  return text.substr(start, end - start);
}

bool begins_document(std::string_view line) {
  return line.starts_with("---") &&
         (line.size() == 3 || std::string_view(" \t\r").find(line[3]) != std::string_view::npos);
}

// Takes the kind and name from a top-level "KEY: NAME" line. A name that is more than plain words
// is read by the YAML parser.
bool read_header(std::string_view line, int line_number, RuleDocument& document) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const DocumentKind* kind = kind_of(trim(line.substr(0, colon)));
  if (kind == nullptr || line[0] == ' ') return false;
  const YamlNode header = parse_yaml(line, document.file, line_number);
  // "decision:x: y" has another key than its first word.
  if (header.entries().size() != 1 || header.entries().front().key != kind_key(*kind)) return false;
  const YamlNode& name = header.entries().front().value;
  if (!name.is_string() || name.text().empty()) {
    name.fail("`" + std::string(kind_key(*kind)) + "` needs a name, not " + name.describe());
  }
  document.kind = *kind;
  document.name = name.text();
  return true;
}

// The slow way, for documents that are not written in block style; false for one without content.
bool read_header_by_parsing(RuleDocument& document) {
  const YamlNode root = document.parse();
  if (root.is_null()) return false;
  std::vector<std::string> words;
  for (const auto& [word, kind] : kKinds) words.emplace_back(word);
  for (const YamlEntry& entry : root.entries()) {
    if (const DocumentKind* kind = kind_of(entry.key)) {
      if (!entry.value.is_string()) entry.value.fail("`" + entry.key + "` needs a name");
      document.kind = *kind;
      document.name = entry.value.text();
      return true;
    }
  }
  for (const YamlEntry& entry : root.entries()) {
    const std::string mend = did_you_mean(entry.key, words);
    if (mend.empty()) continue;
    throw Error(ErrorKind::kUsage, entry.key_place(),
                "the key \"" + entry.key + "\" is no kind of rule file", mend);
  }
  root.fail("is no rule file: it has none of the top-level keys " + join_names(words, " or "),
            "Name the kind in the file's first line, such as decision: task");
}

}  // namespace

std::string_view kind_key(DocumentKind kind) {
  for (const auto& [word, known] : kKinds) {
    if (known == kind) return word;
  }
  return {};
}

std::vector<RuleFile> read_rule_directory(const fs::path& directory, const std::string& shown_as) {
  std::error_code fault;
  if (!fs::is_directory(directory, fault)) {
    throw Error(ErrorKind::kUsage, Place{shown_as}, "is not a directory of rules",
                "Give a directory that holds .yaml files");
  }
  std::vector<RuleFile> files;
  fs::recursive_directory_iterator entries(directory, fault), end;
  for (; !fault && entries != end; entries.increment(fault)) {
    const fs::path& path = entries->path();
    if (path.filename().native().starts_with('.')) {
      entries.disable_recursion_pending();
      continue;
    }
    std::error_code not_a_file;
    if (!is_rule_file(path) || !entries->is_regular_file(not_a_file)) continue;
    const std::string relative = path.lexically_relative(directory).generic_string();
    files.push_back({(fs::path(shown_as) / relative).generic_string(), relative, nullptr});
  }
  if (fault) {
    throw Error(ErrorKind::kUsage, Place{shown_as}, "can't be listed: " + fault.message());
  }
  std::sort(files.begin(), files.end(),
            [](const RuleFile& a, const RuleFile& b) { return a.relative < b.relative; });
  for (RuleFile& file : files) file.text = read_text(directory / file.relative, file.name);
  return files;
}

std::string RuleDocument::numbered_text() const {
  std::string numbered(static_cast<std::size_t>(first_line - 1), '\n');
  numbered += text;
  return numbered;
}

std::vector<RuleDocument> split_documents(const RuleFile& file, Faults* faults) {
  std::string_view text = *file.text;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<RuleDocument> documents;
  RuleDocument current{{}, {}, file.name, 1, {}, file.text};
  std::size_t start = 0;
  bool has_header = false, has_content = false, is_faulty = false;
  const auto finish = [&](std::size_t end) {
    current.text = text.substr(start, end - start);
    attempt(faults, [&] {
      if (is_faulty) return;
      if (has_header || (has_content && read_header_by_parsing(current))) {
        documents.push_back(current);
      }
    });
    has_header = has_content = is_faulty = false;
    start = end;
  };
  int line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_start = at;
    const std::string_view line = next_line(text, at);
    ++line_number;
    if (begins_document(line)) {
      finish(line_start);
      current.first_line = line_number;
      has_content = trim(line).size() > 3;
      continue;
    }
    const std::string_view words = trim(line);
    if (words.empty() || words.front() == '#') continue;
    has_content = true;
    if (!has_header) {
      is_faulty |= !attempt(faults, [&] { has_header = read_header(line, line_number, current); });
    }
  }
  finish(text.size());
  return documents;
}

std::string digest_files(const std::vector<RuleFile>& files) {
  Sha256 digest;
  for (const RuleFile& file : files) {
    digest.add_field(file.relative);
    digest.add_field(*file.text);
  }
  return digest.hex();
}

}  // namespace switchyard
