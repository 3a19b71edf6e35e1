// build: a checkpoint through every stage into one directory.
//
//   OUT/build.json      every decision, its value, rule id and source
//   OUT/export.onnx, optimized.onnx, quantized.onnx
//   OUT/model.onnx      the last of them that ran
//   OUT/manifest.json   what ran, on what, how long (manifest.h)
//   OUT/config.json ... the checkpoint's own files (carried_files.h)
//
// A composite's parts lie flat in the same directory: OUT/encoder.onnx and, of its stages,
// OUT/encoder.export.onnx ..., for each of them; and all refer to one file of weights.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/build/build_part.h"
#include "stages/build/build_plan.h"
#include "stages/build/manifest.h"
#include "stages/build/stage_key.h"
#include "stages/build/stage_runner.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

struct BuildOptions {
  bool overwrite = false;  // take a directory that holds something else; run every stage anew
  WeightDigest weight_digest = WeightDigest::kHeader;
  std::string tool_version;
};

// Resumes where the manifest of an earlier build of the same model lies in `directory`. Returns the
// manifest as written.
// Throws Error(kUsage) when the directory holds something else and `overwrite` is not set;
// Error(kModel) when another build is writing there, or a stage fails: then the manifest says which
// and why, and what earlier stages made stays.
// With `parts`, those are built in place of the whole.
Manifest build_model(const RuleBook& rules, const ModelSource& source, const Resolution& resolution,
                     const BuildPlan& plan, const std::vector<BuildPart>& parts,
                     const std::filesystem::path& directory, const BuildOptions& options,
                     BuildObserver& observer);

}  // namespace switchyard
