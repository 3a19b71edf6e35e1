// The impact report to paste into a pull request.
#include <algorithm>

#include "engine/text.h"
#include "stages/workshop/impact/impact.h"
#include "stages/workshop/impact/impact_words.h"

namespace switchyard {
namespace {

constexpr std::size_t kStepsInTable = 3;

// Text of rules and models stands in code spans, so that nothing in it is markup. A backtick in it
// would end the span and a bar the table's cell.
std::string code(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') {
      safe += "\\|";
    } else if (c == '`') {
      safe += '\'';
    } else {
      safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return "`" + safe + "`";
}

std::string title(const ImpactReport& report) {
  if (!report.any()) return "no model of " + number_text(report.models()) + " changes";
  std::string text = models_text(report.changed()) + " of " + number_text(report.models()) +
                     (report.changed() == 1 ? " changes" : " change");
  if (report.rerouted() > 0) {
    text += ", " + number_text(report.rerouted()) + " by another rule to the same outcome";
  }
  return text;
}

std::string cause_cell(const Cause& cause) {
  std::string text = code(cause_text(cause));
  if (cause.place.known()) text += "<br>" + code(cause.place.str());
  return text;
}

std::string step_line(const ImpactGroup& group, const ImpactStep& step) {
  return code(before_text(group, step)) + " → " + code(after_text(group, step));
}

std::string names(const std::vector<std::string>& models) {
  std::string text;
  for (const std::string& model : models) {
    text += (text.empty() ? "" : ", ") + code(shorten(model, 80));
  }
  return text;
}

std::string group_row(const ImpactGroup& group) {
  std::string changes, examples;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < std::min(group.steps.size(), kStepsInTable); ++i) {
    const ImpactStep& step = group.steps[i];
    changes += (i > 0 ? "<br>" : "") + step_line(group, step);
    if (group.steps.size() > 1) changes += " (" + number_text(step.models) + ")";
    if (!step.examples.empty()) {
      examples += (examples.empty() ? "" : "<br>") + code(shorten(step.examples.front(), 80));
    }
    shown += step.models;
  }
  if (shown < group.models) changes += "<br>and " + number_text(group.models - shown) + " others";
  return "| " + number_text(group.models) + " | " + code(group.cause.field) + " | " +
         cause_cell(group.cause) + " | " + changes + " | " + examples + " |\n";
}

std::string group_table(const std::vector<const ImpactGroup*>& groups, bool outcome) {
  std::string rows;
  for (const ImpactGroup* group : groups) {
    if (group->outcome == outcome) rows += group_row(*group);
  }
  if (rows.empty()) return {};
  return "| models | begins with | cause | before → after | for example |\n"
         "|---:|---|---|---|---|\n" +
         rows;
}

std::string details(const std::string& summary, const std::string& body) {
  return "\n<details>\n<summary>" + summary + "</summary>\n\n" + body + "\n</details>\n";
}

std::string group_details(const ImpactReport& report, const ImpactGroup& group) {
  std::string text = "**" + code(group.cause.field) + ", " + code(cause_text(group.cause)) +
                     "**: " + models_text(group.models) + "\n\n";
  for (const ImpactStep& step : group.steps) {
    text += "- " + number_text(step.models) + ": " + step_line(group, step);
    if (!step.examples.empty()) text += ", for example " + names(step.examples);
    text += "\n";
  }
  if (group.models_in_steps < group.models) {
    text += "- " + number_text(group.models - group.models_in_steps) + ": in other ways\n";
  }
  const std::string follows = follows_text(report.follows_of(group));
  if (!follows.empty()) text += "- with it: " + follows + "\n";
  return text;
}

}  // namespace

std::string impact_markdown(const RuleSets& sets, const ImpactReport& report) {
  std::string text = "### Rules impact: " + title(report) + "\n\n" +  //
                     "- before: " + code(sets.before.description()) + "\n" +
                     "- after: " + code(sets.after.description()) + "\n" +
                     "- unchanged: " + number_text(report.same()) +
                     "; no outcome before and after: " + number_text(report.failing()) + "\n";
  if (report.unreadable() > 0) {
    text += "- lines that are no request: " + number_text(report.unreadable()) + "\n";
  }
  if (!report.any()) return text;
  const std::vector<const ImpactGroup*> groups = report.groups();
  const std::string changes = group_table(groups, /*outcome=*/true);
  if (!changes.empty()) text += "\n" + changes;
  const std::string reroutes = group_table(groups, /*outcome=*/false);
  if (!reroutes.empty()) text += details("Same outcome, another rule", reroutes);

  std::string fields = "| decision or result | models |\n|---|---:|\n";
  for (const auto& [field, count] : report.fields()) {
    fields += "| " + code(field) + " | " + number_text(count) + " |\n";
  }
  text += details("What changes, by decision", fields);
  std::string all;
  for (const ImpactGroup* group : groups) {
    all += (all.empty() ? "" : "\n") + group_details(report, *group);
  }
  return text + details("Every change", all);
}

}  // namespace switchyard
