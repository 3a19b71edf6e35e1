#include "stages/export/graph/schema_registry.h"

#include <onnx/defs/operator_sets.h>

#include <map>
#include <memory>
#include <mutex>

#include "stages/export/graph/op_schema.h"

namespace switchyard::graph {
namespace {

using Maker = onnx::OpSchema (*)();

const std::map<std::string_view, Maker>& makers() {
  static const std::map<std::string_view, Maker> table = {
#define OP(name, version) \
  {#name, &onnx::GetOpSchema<onnx::ONNX_OPERATOR_SET_SCHEMA_CLASS_NAME(Onnx, version, name)>},
#include "stages/export/graph/opset17.inc"
#undef OP
  };
  return table;
}

class LazyRegistry final : public onnx::ISchemaRegistry {
 public:
  const onnx::OpSchema* GetSchema(const std::string& name, const int version,
                                  const std::string& domain) const override {
    if (!domain.empty() || version != kOpset) return nullptr;
    std::lock_guard lock(mutex_);
    auto found = made_.find(name);
    if (found == made_.end()) {
      std::unique_ptr<onnx::OpSchema> schema;
      if (const auto maker = makers().find(name); maker != makers().end()) {
        schema = std::make_unique<onnx::OpSchema>(maker->second());
        schema->Finalize();
      }
      found = made_.emplace(name, std::move(schema)).first;
    }
    return found->second.get();
  }

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<onnx::OpSchema>> made_;
};

}  // namespace

const onnx::ISchemaRegistry& schema_registry() {
  static const LazyRegistry registry;
  return registry;
}

std::vector<std::string> schema_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers()) names.emplace_back(name);
  return names;
}

}  // namespace switchyard::graph
