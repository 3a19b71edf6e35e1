#include "engine/error.h"

#include <utility>

namespace switchyard {

std::string Place::str() const {
  std::string text = file;
  if (line > 0) text += ':' + std::to_string(line);
  if (line > 0 && column > 0) text += ':' + std::to_string(column);
  return text;
}

namespace {

std::string sentence(std::string text) {
  if (!text.empty() && std::string_view(".!?\n").find(text.back()) == std::string_view::npos) {
    text += '.';
  }
  return text;
}

std::string paragraph(const Place& place, const std::string& message, const std::string& mend) {
  std::string text;
  if (place.known()) text = place.str() + ": ";
  text += sentence(message);
  if (!mend.empty()) text += ' ' + sentence(mend);
  return text;
}

}  // namespace

Error::Error(ErrorKind kind, Place place, std::string what, std::string mend)
    : std::runtime_error(paragraph(place, what, mend)),
      kind_(kind),
      place_(std::move(place)),
      message_(std::move(what)),
      mend_(std::move(mend)) {}

int Error::exit_status() const {
  switch (kind_) {
    case ErrorKind::kModel:
      return 1;
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kCheck:
      return 3;
  }
  return 1;
}

}  // namespace switchyard
