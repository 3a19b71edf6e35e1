#include "stages/export/weights/names.h"

#include <algorithm>
#include <set>

#include "engine/text.h"

namespace switchyard {

WeightNames::WeightNames(Fitting fitting, const TensorList& tensors)
    : fitting_(std::move(fitting)) {
  std::size_t taken_off = 0;
  for (const Fitting::Strip& strip : fitting_.strips) taken_off += strip.prefix.size();
  plain_.reserve(tensors.size());
  for (const NamedTensor& tensor : tensors) {
    plain_.push_back({tensor.name.substr(taken_off), tensor.tensor});
    tensors_.emplace(plain_.back().name, tensor.tensor);
  }
}

const StoredTensor* WeightNames::find_exact(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : found->second;
}

std::vector<WeightNames::Spelling> WeightNames::spellings(std::string_view name) const {
  std::vector<Spelling> result = {{std::string(name), nullptr}};
  for (const Fitting::BasePrefix& prefix : fitting_.base_prefixes) {
    const std::string scope = prefix.scope + ".";
    if (name.starts_with(scope)) {
      result.push_back({std::string(name.substr(scope.size())), &prefix.rule});
    } else {
      result.push_back({scope + std::string(name), &prefix.rule});
    }
  }
  return result;
}

NameMatch WeightNames::find_stored(std::string_view name) const {
  NameMatch match;
  for (const Fitting::Strip& strip : fitting_.strips) match.rules.push_back(strip.rule);
  for (const Spelling& spelling : spellings(name)) {
    match.tensor = find_exact(spelling.name);
    const std::string* renamed_by = nullptr;
    for (const Fitting::Rename& rename : fitting_.renames) {
      if (match.tensor != nullptr) break;
      const std::string& known = spelling.name;
      if (!(rename.at_start ? known.starts_with(rename.of) : known.ends_with(rename.of))) continue;
      const std::size_t rest = known.size() - rename.of.size();
      match.tensor = find_exact(rename.at_start ? rename.is + known.substr(rename.of.size())
                                                : known.substr(0, rest) + rename.is);
      renamed_by = &rename.rule;
    }
    if (match.tensor == nullptr) continue;
    if (spelling.rule != nullptr) match.rules.push_back(*spelling.rule);
    if (renamed_by != nullptr) match.rules.push_back(*renamed_by);
    return match;
  }
  return {};
}

NameMatch WeightNames::find(std::string_view name) const {
  if (NameMatch stored = find_stored(name); stored.tensor != nullptr) return stored;
  for (const Fitting::Tie& tie : fitting_.ties) {
    if (!matches(tie.tensor, name)) continue;
    NameMatch other = find_stored(tie.to);
    if (other.tensor == nullptr) continue;
    other.rules.push_back(tie.rule);
    return other;
  }
  return {};
}

std::vector<std::string> WeightNames::patterns(const std::string& pattern) const {
  std::vector<std::string> result;
  for (const Spelling& spelling : spellings(pattern)) {
    result.push_back(spelling.name);
    for (const Fitting::Rename& rename : fitting_.renames) {
      if (rename.at_start && spelling.name.starts_with(rename.of))
        result.push_back(rename.is + spelling.name.substr(rename.of.size()));
    }
  }
  return result;
}

std::size_t WeightNames::count(const std::string& pattern) const {
  for (const std::string& stored : patterns(pattern)) {
    const std::size_t star = stored.find('*');
    if (star == std::string::npos) return find(pattern).tensor ? 1 : 0;
    const std::string head = stored.substr(0, star);
    const std::string rest = stored.substr(star + 1);
    std::set<std::string> values;
    for (auto it = tensors_.lower_bound(head); it != tensors_.end() && it->first.starts_with(head);
         ++it) {
      const std::string& name = it->first;
      const std::size_t end = std::min(name.find('.', star), name.size());
      if (end == star) continue;
      const std::string_view tail = std::string_view(name).substr(end);
      const bool fits = tail.starts_with(rest) &&
                        (rest.empty() || tail.size() == rest.size() || tail[rest.size()] == '.');
      if (fits) values.insert(name.substr(star, end - star));
    }
    if (!values.empty()) return values.size();
  }
  return 0;
}

std::string WeightNames::nearest(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [plain, tensor] : tensors_) names.push_back(plain);
  std::vector<std::string> near = nearest_names(name, names);
  if (near.empty()) {
    // Same last part, same beginning: where the recipe and the file part ways.
    const std::size_t dot = name.rfind('.');
    const std::string_view scope = name.substr(0, dot == std::string_view::npos ? 0 : dot);
    for (std::string_view part = scope; !part.empty() && near.empty();) {
      for (const std::string& candidate : names) {
        if (candidate.starts_with(part) && near.size() < 3) near.push_back(candidate);
      }
      const std::size_t cut = part.rfind('.');
      part = part.substr(0, cut == std::string_view::npos ? 0 : cut);
    }
  }
  return near.empty() ? std::string() : "Nearest there: " + join_names(near);
}

TensorList WeightNames::below(std::string_view scope) const {
  if (scope.empty()) return plain_;
  for (const std::string& head : patterns(std::string(scope) + ".")) {
    TensorList result;
    for (auto it = tensors_.lower_bound(head); it != tensors_.end() && it->first.starts_with(head);
         ++it) {
      result.push_back({it->first.substr(head.size()), it->second});
    }
    if (!result.empty()) return result;
  }
  return {};
}

bool WeightNames::matches(std::string_view pattern, std::string_view plain) const {
  const std::vector<Spelling> known = spellings(pattern);
  return std::any_of(known.begin(), known.end(),
                     [&](const Spelling& spelling) { return glob_matches(spelling.name, plain); });
}

}  // namespace switchyard
