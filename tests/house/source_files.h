// The project's own C++ files, for tests that read them.
#pragma once

#include <string>
#include <vector>

namespace switchyard::house {

struct SourceFile {
  std::string path;  // from the repository root: "engine/value.cc"
  std::string text;
};

// All .h and .cc files of production code: engine/, stages/, tools/.
std::vector<SourceFile> production_sources();

// The string literals of a C++ file, unescaped only as far as whole-word comparison needs.
// Comments and character literals are skipped.
std::vector<std::string> string_literals(const std::string& text);

}  // namespace switchyard::house
