// The knowledge and the policy agree with each other.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "engine/facts.h"
#include "engine/text.h"
#include "stages/resolve/tables.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

TEST(Knowledge, TablesAreComplete) {
  const RuleBook& rules = shipped_rules();
  EXPECT_GE(rules.keys("model_types").size(), 699u);
  EXPECT_GE(rules.keys("architectures").size(), 2109u);
  EXPECT_GE(rules.keys("onnx_configs").size(), 156u);
  EXPECT_GE(rules.keys("timm_architectures").size(), 1000u);
  EXPECT_GE(rules.keys("config_defaults").size(), 150u);
}

// supported_tasks (in the order of registration) and onnx_configs say the same of every model type.
TEST(Knowledge, SupportedTasksHaveTheirConfigurations) {
  const RuleBook& rules = shipped_rules();
  EXPECT_EQ(rules.keys("supported_tasks"), rules.keys("onnx_configs"));
  for (const std::string& key : rules.keys("supported_tasks")) {
    const auto row = rules.lookup("supported_tasks", key);
    ASSERT_TRUE(row && row->value.is_list()) << key;
    for (const Value& task : row->value.as_list()) {
      EXPECT_TRUE(onnx_config_name(rules, key, task.as_string())) << key << " " << task.to_json();
    }
  }
}

// Every tensor's entry is for tasks that have a configuration.
TEST(Knowledge, TensorsBelongToConfigurations) {
  const RuleBook& rules = shipped_rules();
  EXPECT_GT(rules.keys("onnx_tensors").size(), 140u);
  for (const std::string& key : rules.keys("onnx_tensors")) {
    const auto row = rules.lookup("onnx_tensors", key);
    for (const Value& entry : row->value.as_list()) {
      for (const Value& task : entry.find("tasks")->as_list()) {
        EXPECT_TRUE(onnx_config_name(rules, key, task.as_string())) << key << " " << task.to_json();
      }
    }
  }
}

TEST(Knowledge, ModelTypesAndArchitecturesNameEachOther) {
  const RuleBook& rules = shipped_rules();
  for (const std::string& name : rules.keys("model_types")) {
    const auto type = find_model_type(rules, name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(type->name, name);
  }
  std::size_t based = 0;
  for (const std::string& name : rules.keys("model_types")) {
    const Value row = find_model_type(rules, name)->row;
    const std::string* base = string_of(row.find("base_class"));
    if (base == nullptr) continue;
    if (find_architecture(rules, *base)) ++based;
  }
  EXPECT_GT(based, 400u);
}

// Each sentinel (model type, task null) has the row (model type, its task) that gives its class.
TEST(Knowledge, SentinelsHaveTheirClass) {
  const RuleBook& rules = shipped_rules();
  for (const char* type : {"sam", "sam2", "sam2_video", "vitpose"}) {
    Facts facts;
    facts.set("model_type", type);
    facts.set("model_type_key", fold(type));
    facts.set("task", nullptr);
    const auto sentinel = rules.decide("task", facts);
    ASSERT_TRUE(sentinel) << type;
    EXPECT_EQ(sentinel->rule.source, "sentinel-default");
    facts.set("task", *sentinel->get("task"));
    const auto chosen = rules.decide("model_class", facts);
    ASSERT_TRUE(chosen) << type;
    EXPECT_TRUE(chosen->get("class")->is_string());
  }
}

TEST(Knowledge, LabelsOfEverySubset) {
  const RuleBook& rules = shipped_rules();
  const std::vector<std::string> counts = rules.keys("label_subsets");
  EXPECT_EQ(counts.size(), 6u);
  for (const std::string& count : counts) {
    const auto row = rules.lookup("label_subsets", count);
    const std::string* subset = string_of(row->value.find("subset"));
    ASSERT_NE(subset, nullptr);
    const auto labels = rules.lookup("labels", *subset);
    ASSERT_TRUE(labels && labels->value.is_list()) << *subset;
    EXPECT_EQ(std::to_string(labels->value.as_list().size()), count);
  }
  EXPECT_EQ(rules.lookup("labels", "imagenet-1k")->value.as_list()[0].as_string(),
            "tench, Tinca tinca");
}

// The committed tables are what the importer writes.
TEST(Knowledge, TablesAreUpToDate) {
  const auto facts = source_directory() / "../shared/facts";
  if (!std::filesystem::exists(facts)) GTEST_SKIP() << facts << " is not here";
  const std::string command = "python3 '" +
                              (source_directory() / "tools/import_knowledge.py").string() +
                              "' --check '" + facts.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace
}  // namespace switchyard
