// Export without a resolution: what export_model does once recipe and task are decided.
#pragma once

#include <filesystem>

#include "stages/export/build_graph.h"
#include "stages/export/export.h"

namespace switchyard {

// As export_model (export.h), with its errors.
ExportReport export_graph(const RuleBook& rules, const GraphRequest& request,
                          const Weights& weights, const std::filesystem::path& output,
                          const ExportOptions& options);

}  // namespace switchyard
