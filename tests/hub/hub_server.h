// A Hub-like server on this machine (hub_server.py), its models, its faults and its log.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {

struct HubLogEntry {
  std::string server;  // "hub" or "cdn"
  std::string method;
  std::string path;
  std::string range;          // empty: none
  std::string authorization;  // empty: none

  std::string text() const { return server + " " + method + " " + path; }
};

class HubServer {
 public:
  static constexpr const char* kCommit = "1111111111111111111111111111111111111111";
  static constexpr const char* kOther = "2222222222222222222222222222222222222222";
  static constexpr const char* kToken = "hf_TokenThatNobodyMaySee";

  HubServer();
  ~HubServer();
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;

  // `id` at kCommit, which main names.
  void add(const std::string& id, const std::string& file, const std::string& content,
           const std::string& commit = kCommit);
  // JSON: {"main": COMMIT, ...}.
  void set_refs(const std::string& id, const std::string& refs);
  // The digits model of examples/ as org/digits.
  void add_digits(const std::string& commit = kCommit);
  // JSON, as hub_server.py says.
  void set_faults(const std::string& faults);

  std::vector<HubLogEntry> log() const;
  void clear_log();
  // Entries whose text() contains `part`.
  std::vector<HubLogEntry> log_of(const std::string& part) const;

  const std::string& endpoint() const { return endpoint_; }

 private:
  TemporaryDirectory root_;
  std::string endpoint_;
  int process_ = 0;
  int input_ = -1;
};

// A server, an empty cache, and the program between them.
struct HubWorld {
  HubServer server;
  TemporaryDirectory cache;
  TemporaryDirectory home;  // HF_HOME, without a token
  TemporaryDirectory output;
  TemporaryDirectory rules;  // attempts without long waits

  HubWorld();
  ProgramInput input() const;
  // Expects that the token shows nowhere.
  ProgramResult run(const std::vector<std::string>& arguments) const;
  ProgramResult run(const std::vector<std::string>& arguments, const ProgramInput& input) const;
  ProgramResult export_to(const std::string& name) const;

  std::filesystem::path entry() const { return cache / "models--org--digits"; }
  std::filesystem::path snapshot() const { return entry() / "snapshots" / HubServer::kCommit; }
  // Expects that every blob is what its name says, and every link leads to a blob.
  void expect_sound_cache() const;
};

// Of the digits model of examples/.
std::string digits_file(const std::string& name);

}  // namespace switchyard
