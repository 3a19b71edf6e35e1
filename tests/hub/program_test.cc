// The commands, end to end: a model comes from the server through the cache into a graph that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hub/hub_server.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string with_label(const std::string& label) {
  std::string config = digits_file("config.json");
  config.replace(config.find("test_resnet"), 11, label);
  return config;
}

TEST(HubProgram, InspectFetchesTheConfigurationOnly) {
  HubWorld world;
  world.server.add_digits();
  const ProgramResult result = world.run({"inspect", "-m", "org/digits", "-f", "json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("image-classification"));
  EXPECT_EQ(result.err, "");  // no progress but on a terminal
  EXPECT_TRUE(fs::is_symlink(world.snapshot() / "config.json"));
  EXPECT_EQ(read_text(world.entry() / "refs/main"), HubServer::kCommit);
  EXPECT_TRUE(world.server.log_of("safetensors").empty());
  world.expect_sound_cache();
}

TEST(HubProgram, ExportFetchesTheWeightsAndTheGraphRuns) {
  HubWorld world;
  world.server.add_digits();
  const std::string embedded = (world.output / "embedded.onnx").string();
  const std::string referring = (world.output / "reference/model.onnx").string();
  const std::string local = (world.output / "local.onnx").string();
  ProgramResult result =
      world.run({"export", "-v", "-m", "org/digits", "--weights", "embed", "-o", embedded});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("downloaded org/digits at 1111111111"));
  EXPECT_THAT(result.err, HasSubstr("3 files"));

  world.server.clear_log();
  result = world.run({"export", "-m", "org/digits", "--weights", "reference", "-o",
                      (world.output / "reference").string()});
  ASSERT_EQ(result.status, 0) << result.err;
  result = world.run({"export", "-m",
                      std::string(SWITCHYARD_SOURCE_DIR) + "/examples/digits-resnet", "-o", local});
  ASSERT_EQ(result.status, 0) << result.err;
  for (const std::string& graph : {embedded, referring}) {
    result = world.run({"verify", local, graph, "--max-difference", "0"});
    EXPECT_EQ(result.status, 0) << result.out << result.err;
  }
  EXPECT_TRUE(world.server.log().empty()) << "what is cached needs no network";
}

TEST(HubProgram, WhatIsCachedNeedsNoNetwork) {
  HubWorld world;
  world.server.add_digits();
  ASSERT_EQ(world.export_to("first").status, 0);
  ProgramInput input = world.input();
  for (const char* setting : {"HF_HUB_OFFLINE=1", "HF_ENDPOINT=http://127.0.0.1:1"}) {
    input.environment.front() = setting;
    for (const char* command : {"inspect", "config"}) {
      EXPECT_EQ(world.run({command, "-m", "org/digits"}, input).status, 0) << setting;
    }
    const ProgramResult result =
        world.run({"export", "-m", "org/digits", "-o", (world.output / setting).string()}, input);
    EXPECT_EQ(result.status, 0) << result.err;
  }
}

TEST(HubProgram, WhateverReadsWeightsFetchesThem) {
  const std::string data = std::string(SWITCHYARD_SOURCE_DIR) + "/examples/digits-resnet/data";
  {
    HubWorld world;
    world.server.add_digits();
    const ProgramResult result = world.run({"eval", "-m", "org/digits", "--data", data + "/test"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("org/digits"));
  }
  {
    HubWorld world;
    world.server.add_digits();
    const ProgramResult result = world.run({"inspect", "--weights", "-m", "org/digits"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_FALSE(world.server.log_of("cdn GET").empty());
  }
  HubWorld world;
  world.server.add_digits();
  const ProgramResult result =
      world.run({"build", "-m", "org/digits", "--calibration", data + "/calibration", "--samples",
                 "8", "-o", (world.output / "build").string()});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(fs::exists(world.output / "build/quantized.onnx"));
}

TEST(HubProgram, RevisionsAreBranchesTagsAndCommits) {
  HubWorld world;
  world.server.add_digits();
  world.server.add_digits(HubServer::kOther);
  world.server.add("org/digits", "config.json", with_label("resnet18"), HubServer::kOther);
  world.server.set_refs("org/digits", std::string(R"({"main": ")") + HubServer::kCommit +
                                          R"(", "v1": ")" + HubServer::kOther +
                                          R"(", "feature/x": ")" + HubServer::kOther + R"("})");
  const fs::path other = world.entry() / "snapshots" / HubServer::kOther;
  for (const char* revision : {"v1", "feature/x", HubServer::kOther, "22222222"}) {
    SCOPED_TRACE(revision);
    fs::remove_all(world.entry());
    const std::vector<std::string> command = {"inspect", "-m",         "org/digits",
                                              "-v",      "--revision", revision};
    const ProgramResult result = world.run(command);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(read_text(other / "config.json"), with_label("resnet18"));
    EXPECT_FALSE(fs::exists(world.snapshot()));
    EXPECT_FALSE(fs::exists(world.entry() / "refs/main"));
    world.server.clear_log();
    EXPECT_EQ(world.run(command).status, 0);
    EXPECT_TRUE(world.server.log().empty()) << "cached";
  }
  const ProgramResult none = world.run({"inspect", "-m", "org/digits", "--revision", "v2"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no revision v2"));
  // The main branch is another snapshot beside it.
  EXPECT_EQ(world.run({"inspect", "-m", "org/digits"}).status, 0);
  EXPECT_TRUE(fs::exists(world.snapshot() / "config.json"));
}

TEST(HubProgram, ARevisionGoesWithAHubIdOnly) {
  HubWorld world;
  const std::string directory = std::string(SWITCHYARD_SOURCE_DIR) + "/examples/digits-resnet";
  const std::vector<std::vector<std::string>> kCommands = {
      {"inspect", "-m", directory, "--revision", "main"},
      {"export", "-m", directory, "--revision", "main", "-o", (world.output / "x").string()},
      {"inspect", "--model-type", "vit", "--revision", "main"},
      {"inspect", "-m", "org/digits", "--revision", "../x"},
  };
  for (const auto& command : kCommands) {
    const ProgramResult result = world.run(command);
    EXPECT_EQ(result.status, 2) << command_text(command) << result.err;
    EXPECT_THAT(result.err, HasSubstr("revision"));
  }
  EXPECT_TRUE(world.server.log().empty());
}

TEST(HubProgram, SaysWhyTheNetworkDidNotHelp) {
  struct Case {
    const char* name;
    std::string setting;
    const char* said;
  };
  const Case kCases[] = {
      {"offline", "HF_HUB_OFFLINE=YES", "HF_HUB_OFFLINE forbids"},
      {"refused", "HF_ENDPOINT=http://127.0.0.1:1", "http://127.0.0.1:1: it takes no connection"},
      {"password", "HF_ENDPOINT=http://user:s3cret@127.0.0.1:1", "from http://127.0.0.1:1: it"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    HubWorld world;
    ProgramInput input = world.input();
    input.environment.front() = c.setting;
    write_text(world.cache / "models--org--digits/refs/main", "x");
    const ProgramResult result = world.run({"inspect", "-m", "org/digit"}, input);
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("no model of that id in the local Hugging Face cache"));
    EXPECT_THAT(result.err, HasSubstr(c.said));
    EXPECT_THAT(result.err, HasSubstr("Did you mean org/digits?"));
  }
}

TEST(HubProgram, SaysThatOnlyTheWeightsAreMissing) {
  HubWorld world;
  world.server.add_digits();
  ASSERT_EQ(world.run({"inspect", "-m", "org/digits"}).status, 0);
  ProgramInput input = world.input();
  input.environment.front() = "HF_HUB_OFFLINE=1";
  const ProgramResult result =
      world.run({"export", "-m", "org/digits", "-o", (world.output / "x").string()}, input);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("its weights are not in the local Hugging Face cache"));
  EXPECT_THAT(result.err, Not(HasSubstr("no model of that id")));
}

TEST(HubProgram, APrivateModelNeedsTheToken) {
  HubWorld world;
  world.server.add_digits();
  world.server.set_faults(R"([{"match": "hub", "no_token": true, "status": 401,
                               "headers": {"X-Error-Code": "RepoNotFound"}}])");
  ProgramInput input = world.input();
  std::erase_if(input.environment, [](const std::string& v) { return v.starts_with("HF_TOKEN="); });
  const ProgramResult refused = world.run({"inspect", "-m", "org/digits"}, input);
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("it wants a token (HTTP 401)"));
  EXPECT_THAT(refused.err, HasSubstr("set HF_TOKEN"));
  EXPECT_FALSE(fs::exists(world.entry())) << "a refused name leaves nothing in the cache";

  write_text(world.home / "token", std::string(HubServer::kToken) + "\n");
  const ProgramResult result = world.run({"inspect", "-m", "org/digits"}, input);
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST(HubProgram, SaysThatTheCacheCanNotBeWritten) {
  HubWorld world;
  world.server.add_digits();
  write_text(world.output / "file", "");
  ProgramInput input = world.input();
  input.environment[1] = "HF_HUB_CACHE=" + (world.output / "file/hub").string();
  const ProgramResult result = world.run({"inspect", "-m", "org/digits"}, input);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("Set HF_HUB_CACHE"));
}

// Start-up counts (docs/architecture.md): libcurl brings 20 libraries.
TEST(HubProgram, StartsWithoutCurl) {
  ProgramInput input;
  input.environment = {"LD_TRACE_LOADED_OBJECTS=1"};  // the loader lists what it would load
  const std::string listed = run_program({}, input).out;
  EXPECT_THAT(listed, HasSubstr("libswitchyard.so"));
  EXPECT_THAT(listed, Not(HasSubstr("libcurl")));
}

TEST(HubProgram, FileNamesAreNotLookedForOnTheHub) {
  HubWorld world;
  for (const char* model : {"model.onnx", "org/config.json", "./org/name", "/org/name", "a/b/c"}) {
    EXPECT_EQ(world.run({"inspect", "-m", model}).status, 1) << model;
  }
  EXPECT_TRUE(world.server.log().empty());
}

}  // namespace
}  // namespace switchyard
