// The one error type of the project.
//
// Every failure that a person must mend is an Error: it says what is wrong, where (file, line,
// column, or a tensor or rule id inside `what`), why, and what to try. Exceptions of libraries
// (yaml-cpp, nlohmann, onnx, ONNX Runtime, std::filesystem) are caught at the edge where the place
// and the meaning are still known and rethrown as Error; no library's text reaches a user raw.
#pragma once

#include <stdexcept>
#include <string>

namespace switchyard {

// A position in a text file. Lines and columns count from 1; 0 means unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  // "file:12:3", "file:12" or "file"; empty when nothing is known.
  std::string str() const;
  bool known() const { return !file.empty(); }
};

// Decides the exit status of the program (DESIGN.md, "Command line").
enum class ErrorKind {
  kModel,  // exit 1: the model can't be processed, or input/output failed
  kUsage,  // exit 2: the command line, a rule file or a recipe is wrong
  kCheck,  // exit 3: a check found differences
};

class Error : public std::runtime_error {
 public:
  // `what`: one sentence, no trailing period needed. `mend`: what the person can try; may be empty.
  Error(ErrorKind kind, Place place, std::string what, std::string mend = {});

  ErrorKind kind() const { return kind_; }
  const Place& place() const { return place_; }
  const std::string& message() const { return message_; }
  const std::string& mend() const { return mend_; }

  // 1, 2 or 3, after the kind.
  int exit_status() const;

 private:
  ErrorKind kind_;
  Place place_;
  std::string message_;
  std::string mend_;
};

// what() of an Error is the whole paragraph: "PLACE: MESSAGE. MEND".

}  // namespace switchyard
