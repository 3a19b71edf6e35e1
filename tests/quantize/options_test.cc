#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quantize/quantize.h"
#include "tests/quantize/models.h"

namespace switchyard {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(QuantizeOptionsTest, ReadsThePrecisionDecision) {
  const Value value = Map{{"precision", "int8"},
                          {"weight", "int8"},
                          {"per_channel", false},
                          {"activation", "int8"},
                          {"method", "minmax"},
                          {"op_types", List{"Conv", "Add"}},
                          {"keep_float", Map{{"op_types", List{"Add"}}, {"nodes", List{"/se/"}}}}};
  const QuantizeOptions options = quantize_options(value);
  EXPECT_FALSE(options.per_channel);
  EXPECT_EQ(options.activation_type, "int8");
  EXPECT_THAT(options.op_types, ElementsAre("Conv", "Add"));
  EXPECT_THAT(options.float_op_types, ElementsAre("Add"));
  EXPECT_THAT(options.float_nodes, ElementsAre("/se/"));
}

TEST(QuantizeOptionsTest, WhatIsAbsentKeepsItsDefault) {
  const QuantizeOptions options = quantize_options(Map{{"precision", "int8"}});
  EXPECT_TRUE(options.per_channel);
  EXPECT_EQ(options.activation_type, "uint8");
  EXPECT_THAT(options.op_types, Contains("Conv"));
}

TEST(QuantizeOptionsTest, NamesTheKeyThatIsWrong) {
  struct Case {
    Map value;
    const char* message;
  };
  const Case cases[] = {
      {{{"activation", "int4"}}, "'activation' is none of: int8, uint8"},
      {{{"weight", "uint8"}}, "'weight' is none of: int8"},
      {{{"method", "entropy"}}, "'method' is none of: minmax"},
      {{{"per_channel", "yes"}}, "'per_channel' is neither true nor false"},
      {{{"op_types", "Conv"}}, "'op_types' is no list of strings"},
      {{{"keep_float", List{"Add"}}}, "'keep_float' is no map"},
      {{{"keep_float", Map{{"nodes", List{1}}}}}, "'nodes' is no list of strings"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(testing_models::error_of([&] { quantize_options(c.value); }), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace switchyard
