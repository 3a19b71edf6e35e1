#include "tests/hub/hub_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "engine/json.h"
#include "stages/hub/content_check.h"

extern char** environ;

namespace switchyard {

namespace fs = std::filesystem;

HubServer::HubServer() {
  const std::string script = std::string(SWITCHYARD_SOURCE_DIR) + "/tests/hub/hub_server.py";
  const std::string root = root_.path().string();
  const std::string log = (root_ / "log").string();
  write_text(log, "");
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  const char* const words[] = {"python3", script.c_str(), root.c_str(), log.c_str(), nullptr};
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, words[0], &actions, nullptr, const_cast<char* const*>(words), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to[0]);
  close(from[1]);
  input_ = to[1];
  std::string line;
  char c = 0;
  while (failed == 0 && read(from[0], &c, 1) == 1 && c != '\n') line += c;
  close(from[0]);
  if (line.empty()) throw std::runtime_error("the Hub-like server did not start");
  process_ = child;
  endpoint_ = "http://127.0.0.1:" + line.substr(0, line.find(' '));
}

HubServer::~HubServer() {
  close(input_);
  waitpid(process_, nullptr, 0);
}

void HubServer::add(const std::string& id, const std::string& file, const std::string& content,
                    const std::string& commit) {
  const fs::path model = root_ / "models" / id;
  write_text(model / commit / file, content);
  if (!fs::exists(model / "refs.json")) set_refs(id, R"({"main": ")" + commit + R"("})");
}

void HubServer::set_refs(const std::string& id, const std::string& refs) {
  write_text(root_ / "models" / id / "refs.json", refs);
}

void HubServer::add_digits(const std::string& commit) {
  for (const char* file : {"config.json", "README.md", "model.safetensors"}) {
    add("org/digits", file, digits_file(file), commit);
  }
}

void HubServer::set_faults(const std::string& faults) { write_text(root_ / "faults.json", faults); }

void HubServer::clear_log() { write_text(root_ / "log", ""); }

std::vector<HubLogEntry> HubServer::log() const {
  std::vector<HubLogEntry> entries;
  std::istringstream lines(read_text(root_ / "log"));
  for (std::string line; std::getline(lines, line);) {
    const Value value = parse_json(line, "log");
    const auto text = [&](const char* key) {
      const Value* const field = value.find(key);
      return field != nullptr && field->is_string() ? field->as_string() : std::string();
    };
    entries.push_back(
        {text("server"), text("method"), text("path"), text("range"), text("authorization")});
  }
  return entries;
}

std::vector<HubLogEntry> HubServer::log_of(const std::string& part) const {
  std::vector<HubLogEntry> found;
  for (HubLogEntry& entry : log()) {
    if (entry.text().find(part) != std::string::npos) found.push_back(std::move(entry));
  }
  return found;
}

HubWorld::HubWorld() {
  write_text(rules / "hub.yaml",
             "knowledge: hub_download\n"
             "rows:\n"
             "  attempts: 3\n"
             "  first_wait_seconds: 0.01\n"
             "  longest_wait_seconds: 2\n");
}

ProgramInput HubWorld::input() const {
  ProgramInput input;
  input.environment = {"HF_ENDPOINT=" + server.endpoint(), "HF_HUB_CACHE=" + cache.path().string(),
                       "HF_HOME=" + home.path().string(),
                       "HF_TOKEN=" + std::string(HubServer::kToken),
                       "SWITCHYARD_RULES=" + rules.path().string()};
  return input;
}

ProgramResult HubWorld::run(const std::vector<std::string>& arguments) const {
  return run(arguments, input());
}

ProgramResult HubWorld::run(const std::vector<std::string>& arguments,
                            const ProgramInput& input) const {
  ProgramResult result = run_program(arguments, input);
  EXPECT_EQ(result.out.find(HubServer::kToken), std::string::npos) << result.out;
  EXPECT_EQ(result.err.find(HubServer::kToken), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("s3cret"), std::string::npos) << "a signed URL: " << result.err;
  return result;
}

ProgramResult HubWorld::export_to(const std::string& name) const {
  return run({"export", "-v", "-m", "org/digits", "-o", (output / name).string()});
}

void HubWorld::expect_sound_cache() const {
  if (!fs::exists(cache.path())) return;
  for (const auto& file : fs::recursive_directory_iterator(cache.path())) {
    const fs::path& path = file.path();
    if (file.is_symlink()) {
      EXPECT_TRUE(fs::read_symlink(path).is_relative()) << path;
      EXPECT_TRUE(fs::is_regular_file(path)) << path << " leads nowhere";
    } else if (file.is_regular_file()) {
      EXPECT_EQ(read_text(path).find(HubServer::kToken), std::string::npos) << path;
      EXPECT_NE(path.extension(), ".tmp") << path;
      if (path.parent_path().filename() == "blobs" && path.extension() != ".incomplete") {
        EXPECT_TRUE(content_matches(path, path.filename().string())) << path;
      }
    }
  }
}

std::string digits_file(const std::string& name) {
  return read_text(fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet" / name);
}

}  // namespace switchyard
