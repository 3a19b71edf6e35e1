// The impact report for people.
#include <algorithm>

#include "engine/text.h"
#include "stages/workshop/impact/impact.h"
#include "stages/workshop/impact/impact_words.h"

namespace switchyard {
namespace {

constexpr std::size_t kStepsShown = 10;

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string counts_table(const ImpactReport& report) {
  std::size_t name_width = 0, count_width = 0;
  for (const auto& [field, count] : report.fields()) {
    name_width = std::max(name_width, field.size());
    count_width = std::max(count_width, number_text(count).size());
  }
  std::string text;
  for (const auto& [field, count] : report.fields()) {
    text += "  " + field + std::string(name_width - field.size() + 2, ' ') +
            padded_left(number_text(count), count_width) + "\n";
  }
  return text;
}

std::string names_text(const std::vector<std::string>& names, std::size_t all) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += shorten(name, 80);
  }
  if (all > names.size() && !names.empty()) {
    text += " and " + number_text(all - names.size()) + " more";
  }
  return text;
}

std::string group_text(const ImpactReport& report, const ImpactGroup& group) {
  std::string text = "\n" + models_text(group.models) + ": " + group.cause.field + ", " +
                     cause_text(group.cause) + "\n";
  if (group.cause.place.known()) text += "  " + group.cause.place.str() + "\n";
  const std::size_t width = number_text(group.models).size();
  std::size_t shown_models = 0;
  for (std::size_t i = 0; i < std::min(group.steps.size(), kStepsShown); ++i) {
    const ImpactStep& step = group.steps[i];
    text += "  " + padded_left(number_text(step.models), width) + "  " + before_text(group, step) +
            " -> " + after_text(group, step) + "\n";
    const std::string names = names_text(step.examples, step.models);
    if (!names.empty()) text += std::string(width + 4, ' ') + names + "\n";
    shown_models += step.models;
  }
  if (shown_models < group.models) {
    text +=
        "  " + padded_left(number_text(group.models - shown_models), width) + "  in other ways\n";
  }
  const std::string follows = follows_text(report.follows_of(group));
  if (!follows.empty()) text += "  with it: " + follows + "\n";
  return text;
}

}  // namespace

std::string impact_text(const RuleSets& sets, const ImpactReport& report) {
  std::string text = "before  " + sets.before.description() + "\n" +  //
                     "after   " + sets.after.description() + "\n" + "corpus  " +
                     models_text(report.models()) + "\n\n";
  const std::pair<std::size_t, const char*> counts[] = {
      {report.changed(), "another outcome"},
      {report.rerouted(), "the same outcome by another rule"},
      {report.same(), "no change"},
      {report.failing(), "no outcome before and after"},
      {report.unreadable(), "lines that are no request"}};
  const std::size_t width = number_text(report.models()).size();
  for (const auto& [count, what] : counts) {
    if (count > 0) text += "  " + padded_left(number_text(count), width) + "  " + what + "\n";
  }
  if (!report.any()) return text;
  text += "\nmodels that change in\n" + counts_table(report);
  for (const ImpactGroup* group : report.groups()) text += group_text(report, *group);
  return text;
}

}  // namespace switchyard
