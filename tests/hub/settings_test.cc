#include "stages/hub/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "stages/hub/policy.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

using testing::HasSubstr;
using testing::Not;

// An environment that says nothing of the Hub; HF_HOME is an empty directory.
class HubSettingsTest : public testing::Test {
 protected:
  static constexpr const char* kDefault = "https://hub.example";
  TemporaryDirectory home;
  Environment endpoint{"HF_ENDPOINT", ""}, token{"HF_TOKEN", ""}, path{"HF_TOKEN_PATH", ""},
      offline{"HF_HUB_OFFLINE", ""}, transformers{"TRANSFORMERS_OFFLINE", ""},
      implicit{"HF_HUB_DISABLE_IMPLICIT_TOKEN", ""}, hf_home{"HF_HOME", home.path().string()};
};

TEST_F(HubSettingsTest, EndpointComesFromTheEnvironment) {
  EXPECT_EQ(hub_settings(kDefault).endpoint, kDefault);
  const Environment given("HF_ENDPOINT", "http://mirror.example:8080/hub//");
  EXPECT_EQ(hub_settings(kDefault).endpoint, "http://mirror.example:8080/hub");
}

TEST_F(HubSettingsTest, RefusesAnEndpointThatIsNoUrl) {
  for (const char* url : {"mirror.example", "file:///etc", "ftp://mirror.example"}) {
    const Environment given("HF_ENDPOINT", url);
    try {
      hub_settings(kDefault);
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("HF_ENDPOINT"));
    }
  }
}

TEST_F(HubSettingsTest, OfflineIsAFlag) {
  for (const char* on : {"1", "ON", "yes", "True"}) {
    const Environment given("HF_HUB_OFFLINE", on);
    EXPECT_TRUE(hub_settings(kDefault).offline) << on;
  }
  for (const char* off : {"", "0", "no", "OFF", "2"}) {
    const Environment given("HF_HUB_OFFLINE", off);
    EXPECT_FALSE(hub_settings(kDefault).offline) << off;
  }
  const Environment given("TRANSFORMERS_OFFLINE", "1");
  EXPECT_TRUE(hub_settings(kDefault).offline);
}

TEST_F(HubSettingsTest, TokenComesFromTheVariableThenTheFile) {
  EXPECT_EQ(hub_settings(kDefault).token, "");
  write_text(home / "token", "hf_home\n");
  EXPECT_EQ(hub_settings(kDefault).token, "hf_home");
  write_text(home / "other", " hf_other ");
  const Environment file("HF_TOKEN_PATH", (home / "other").string());
  EXPECT_EQ(hub_settings(kDefault).token, "hf_other");
  const Environment variable("HF_TOKEN", "hf_variable");
  EXPECT_EQ(hub_settings(kDefault).token, "hf_variable");
  const Environment none("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
  EXPECT_EQ(hub_settings(kDefault).token, "");
}

TEST_F(HubSettingsTest, RefusesATokenThatWouldBreakTheHeaderAndDoesNotShowIt) {
  for (const char* text : {"hf_a\r\nX-Evil: 1", "hf_a b", "hf_\xC3\xA9"}) {
    const Environment given("HF_TOKEN", text);
    try {
      hub_settings(kDefault);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("HF_TOKEN"));
      EXPECT_THAT(error.what(), Not(HasSubstr("hf_")));
    }
  }
}

TEST(HubPolicy, TheShippedRulesSayAllOfIt) {
  const auto rules = RuleBook::load();
  const HubPolicy policy = hub_policy(*rules);
  EXPECT_EQ(policy.configuration.front(), "config.json");
  EXPECT_THAT(policy.carried, testing::Contains("tokenizer.json"));
  EXPECT_THAT(policy.carried, Not(testing::Contains("config.json")));
  EXPECT_GE(policy.attempts, 2);
}

TEST(HubPolicy, NamesTheRowThatCannotBeUsed) {
  struct Case {
    const char* row;
    const char* said;
  };
  const Case kCases[] = {
      {"attempts: 0", "attempts"},
      {"attempts: many", "attempts"},
      {"files_at_once: 1000", "files_at_once"},
      {"endpoint: 5", "endpoint"},
      {"configuration: []", "configuration"},
      {"configuration: [../x]", "configuration"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.row);
    TemporaryDirectory overlay;
    write_text(overlay / "hub.yaml",
               std::string("knowledge: hub_download\nrows:\n  ") + c.row + "\n");
    const auto rules = RuleBook::load({.overlays = {overlay.path()}});
    try {
      hub_policy(*rules);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_THAT(error.what(), HasSubstr(c.said));
      EXPECT_THAT(error.what(), HasSubstr("hub.yaml:3"));
    }
  }
}

}  // namespace
}  // namespace switchyard
