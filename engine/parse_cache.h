// Parsed rule documents kept between loads, for programs that load nearly the same files again and
// again (`rules watch`): parsing YAML is nine tenths of loading rules from directories.
#pragma once

#include <string>
#include <string_view>

#include "engine/yaml.h"

namespace switchyard {

// While one lives, documents of rule files whose text is the same as before are not parsed again.
// One at a time in a process; documents may be parsed from any number of threads.
class KeepParsedDocuments {
 public:
  KeepParsedDocuments();
  ~KeepParsedDocuments();
  KeepParsedDocuments(const KeepParsedDocuments&) = delete;
  KeepParsedDocuments& operator=(const KeepParsedDocuments&) = delete;

  // Forgets what was not asked for since the last call.
  void forget_unused();
};

// As parse_yaml, or what it gave before for the same text.
YamlNode parse_kept_yaml(std::string_view text, const std::string& file, int first_line);

}  // namespace switchyard
