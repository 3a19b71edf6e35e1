// rulec: checks a directory of rules and writes them in the form that is embedded in the program.
//
//   rulec DIRECTORY SHOWN_AS OUTPUT
//
// SHOWN_AS stands for the directory in messages of the program ("rules"). Everything that `rules
// check` finds is said on stderr; exit 2 when there is an error.
#include <cstdio>
#include <filesystem>

#include "engine/embedded_rules.h"
#include "engine/error.h"
#include "engine/output_file.h"
#include "engine/rule_blob.h"
#include "engine/rule_book.h"
#include "engine/rule_files.h"
#include "stages/workshop/check.h"

namespace switchyard {
namespace {

constexpr int kFaulty = 2;

// Loads every table from the blob, as the program will.
void check_blob(const std::string& blob) {
  set_embedded_rules(std::as_bytes(std::span(blob)));
  const auto book = RuleBook::load();
  const Facts no_facts;
  for (const std::string_view decision : book->decisions()) book->collect(decision, no_facts);
}

int run(const char* directory, const char* shown_as, const char* output) {
  // Messages of the build name the files as they lie.
  const Problems problems = check_everything({{.base = directory}});
  for (const Problem& problem : problems) std::fprintf(stderr, "%s\n", problem.str().c_str());
  if (has_errors(problems)) return kFaulty;
  const std::string blob = write_rule_blob(read_rule_directory(directory, shown_as));
  check_blob(blob);
  write_file_atomically(output, blob);
  return 0;
}

}  // namespace
}  // namespace switchyard

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: rulec DIRECTORY SHOWN_AS OUTPUT\n", stderr);
    return 2;
  }
  try {
    return switchyard::run(argv[1], argv[2], argv[3]);
  } catch (const switchyard::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_status();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rulec: %s\n", error.what());
    return 1;
  }
}
