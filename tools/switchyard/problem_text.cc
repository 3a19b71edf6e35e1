#include "tools/switchyard/problem_text.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "engine/json.h"
#include "engine/value.h"
#include "tools/switchyard/console.h"

namespace switchyard {
namespace {

constexpr int kErrors = 2;

Value as_json(const Place& place) {
  if (!place.known()) return {};
  return Map{{"file", place.file}, {"line", place.line}, {"column", place.column}};
}

Value as_json(const Problem& problem) {
  const auto text = [](const std::string& text) { return text.empty() ? Value() : Value(text); };
  return Map{{"severity", problem.severity == Problem::Severity::kError ? "error" : "warning"},
             {"kind", problem.kind},
             {"place", as_json(problem.place)},
             {"decision", text(problem.decision)},
             {"rule", text(problem.rule)},
             {"what", problem.what},
             {"mend", text(problem.mend)},
             {"other_rule", text(problem.other_rule)},
             {"other_place", as_json(problem.other_place)}};
}

void print(const Problems& problems, OutputFormat format) {
  if (format == OutputFormat::kJson) {
    List list;
    for (const Problem& problem : problems) list.push_back(as_json(problem));
    std::printf("%s\n", Value(std::move(list)).to_json(2).c_str());
    return;
  }
  for (const Problem& problem : problems) std::printf("%s\n", problem.str().c_str());
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

int print_problems(const Problems& problems, const Arguments& arguments) {
  print(problems, arguments.format);
  const auto errors = static_cast<std::size_t>(std::count_if(
      problems.begin(), problems.end(),
      [](const Problem& problem) { return problem.severity == Problem::Severity::kError; }));
  Console(arguments).note(counted(errors, "error") + ", " +
                          counted(problems.size() - errors, "warning"));
  return errors == 0 ? 0 : kErrors;
}

}  // namespace switchyard
