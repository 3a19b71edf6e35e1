// Dependencies point one way: tools -> stages -> engine; the engine knows no ONNX.
#include <gtest/gtest.h>

#include <regex>

#include "tests/house/source_files.h"

namespace switchyard::house {
namespace {

std::vector<std::string> includes_of(const std::string& text) {
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<std::string> found;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    std::smatch match;
    const std::string line = text.substr(start, end - start);
    if (std::regex_search(line, match, include)) found.push_back(match[1]);
    start = end + 1;
  }
  return found;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  for (const auto& prefix : prefixes) {
    if (text.starts_with(prefix)) return true;
  }
  return false;
}

TEST(Dependencies, PointOneWay) {
  struct Rule {
    std::string folder;
    std::vector<std::string> forbidden;
  };
  const Rule rules[] = {
      {"engine/", {"stages/", "tools/", "onnx", "google/protobuf", "tests/"}},
      {"stages/", {"tools/", "tests/"}},
      {"stages/resolve/", {"onnx", "google/protobuf"}},
      {"stages/checkpoint/", {"onnx", "google/protobuf", "curl/", "stages/hub/"}},
      {"stages/hub/", {"onnx", "google/protobuf", "stages/resolve/", "stages/export/"}},
      {"tools/", {"tests/", "onnx", "google/protobuf"}},
  };
  const auto sources = production_sources();
  ASSERT_FALSE(sources.empty());
  for (const auto& file : sources) {
    for (const auto& rule : rules) {
      if (!file.path.starts_with(rule.folder)) continue;
      for (const auto& include : includes_of(file.text)) {
        EXPECT_FALSE(starts_with_any(include, rule.forbidden)) << file.path << " includes " << include;
      }
    }
  }
}

// Seconds each (docs/architecture.md): behind few translation units, and never in a header, but for
// the one that stands before ONNX Runtime within its own folder.
TEST(Dependencies, HeavyHeadersStayOutOfHeaders) {
  for (const auto& file : production_sources()) {
    if (!file.path.ends_with(".h") || file.path == "stages/runtime/ort.h") continue;
    for (const auto& include : includes_of(file.text)) {
      EXPECT_FALSE(starts_with_any(include, {"CLI/", "nlohmann/json.hpp", "yaml-cpp/", "spdlog/",
                                             "onnxruntime", "re2/", "curl/", "openssl/"}))
          << file.path << " includes " << include;
    }
  }
}

}  // namespace
}  // namespace switchyard::house
