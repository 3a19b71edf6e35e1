// The list of operators agrees with libonnx's own registry.
#include <gtest/gtest.h>

#include <set>

#include "stages/export/graph/schema_registry.h"

namespace switchyard {
namespace {

TEST(SchemaRegistry, KnowsWhatLibonnxKnows) {
  std::set<std::string> theirs;
  for (const onnx::OpSchema& schema : onnx::OpSchemaRegistry::get_all_schemas()) {
    if (!schema.domain().empty()) continue;
    theirs.insert(schema.Name());
    const onnx::OpSchema* ours = graph::schema_registry().GetSchema(schema.Name(), 17, "");
    const onnx::OpSchema* expected = onnx::OpSchemaRegistry::Schema(schema.Name(), 17, "");
    ASSERT_TRUE(ours) << schema.Name();
    EXPECT_EQ(ours->SinceVersion(), expected->SinceVersion()) << schema.Name();
    EXPECT_EQ(ours->Deprecated(), expected->Deprecated()) << schema.Name();
  }
  EXPECT_GT(theirs.size(), 150u);
  for (const std::string& name : graph::schema_names()) EXPECT_TRUE(theirs.contains(name)) << name;
  EXPECT_EQ(graph::schema_registry().GetSchema("NoSuchOperator", 17, ""), nullptr);
}

}  // namespace
}  // namespace switchyard
