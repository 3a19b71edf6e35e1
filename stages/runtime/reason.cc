#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "stages/runtime/ort.h"

namespace switchyard {
namespace {

constexpr std::size_t kLongest = 300;

std::string_view kind(OrtErrorCode code) {
  switch (code) {
    case ORT_NO_SUCHFILE:
      return "there is no such file";
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
      return "this is not an ONNX model, or it is cut short";
    case ORT_INVALID_GRAPH:
      return "the graph is not valid";
    case ORT_NOT_IMPLEMENTED:
      return "the graph needs an operator, or a data type of one, that ONNX Runtime lacks";
    case ORT_INVALID_ARGUMENT:
      return "an input or a shape does not fit the graph";
    default:
      return "ONNX Runtime failed";
  }
}

// Removes "/path/file.cc:123 ns::Function(args) " from the text: a source position and signature.
// True when there was one.
bool cut_position(std::string& text) {
  for (const std::string_view mark : {".cc:", ".h:"}) {
    const std::size_t at = text.find(mark);
    if (at == std::string::npos ||
        !std::isdigit(static_cast<unsigned char>(text[at + mark.size()]))) {
      continue;
    }
    const std::size_t space = text.find_last_of(" :\n", at);
    const std::size_t begin = space == std::string::npos ? 0 : space + 1;
    std::size_t end = at + mark.size();
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    const std::size_t open = text.find('(', end);
    if (open != std::string::npos) {
      int depth = 0;
      std::size_t i = open;
      for (; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && --depth == 0) break;
      }
      if (i < text.size()) end = i + 1;
      if (text.compare(end, 6, " const") == 0) end += 6;
    }
    text.erase(begin, end - begin);
    return true;
  }
  return false;
}

std::string essence(std::string text) {
  while (cut_position(text)) {
  }
  std::string line;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (blank && (line.empty() || line.back() == ' ')) continue;
    line += blank ? ' ' : c;
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  if (line.size() > kLongest) line = line.substr(0, kLongest) + "...";
  return line;
}

}  // namespace

std::string ort_reason(const Ort::Exception& exception) {
  const OrtErrorCode code = exception.GetOrtErrorCode();
  std::string text(kind(code));
  // These codes say everything; their texts repeat the path.
  if (code == ORT_NO_SUCHFILE || code == ORT_INVALID_PROTOBUF || code == ORT_NO_MODEL) return text;
  const std::string detail = essence(exception.what());
  return detail.empty() ? text : text + " (" + detail + ")";
}

}  // namespace switchyard
