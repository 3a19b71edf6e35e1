// A document that is a transcript: files it shows are written, commands it shows are run, and what
// they print is compared with what the document says they print.
#pragma once

#include <string>
#include <vector>

namespace switchyard {

struct TranscriptStep {
  int line = 0;         // of the document, from 1
  std::string file;     // a file to be written; empty: a command
  std::string command;  // behind "$ "
  std::string text;     // of the file, or what the command prints
};

// Steps in order. A fenced block whose last paragraph before it is "`NAME`:" is the file NAME; a
// ```console block is commands, each line behind "$ ", followed by what it prints.
std::vector<TranscriptStep> read_transcript(const std::string& document);

// Whether `printed` is what `expected` says: "..." within a line stands for any text, a line of
// only "..." for any number of lines. Blank lines at the end do not count.
bool matches_transcript(const std::string& expected, const std::string& printed);

}  // namespace switchyard
