// A model checkpoint as it lies on disk: where it is, its config.json, its weights' directory.
//
// Layouts: transformers (config.json with model_type), timm Hub (config.json with architecture and
// pretrained_cfg, no model_type), timm_wrapper (model_type timm_wrapper, tensors prefixed
// timm_model.). Which layout it is, is not decided here: the rules read config.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/checkpoint/safetensors.h"

namespace switchyard {

// What `-m` named, found on disk.
struct ModelSource {
  std::filesystem::path directory;          // canonical; holds config.json
  std::filesystem::path config_file;        // empty when there is none
  std::optional<std::string> model_id;      // only when given as a Hub id, or a cache path says it
  Value config;                             // config.json as written; null when there is none
  Value preprocessor_config;                // preprocessor_config.json, or null
  std::optional<std::string> pipeline_tag;  // README.md front matter
};

// `model`: a directory, a config.json file, or a Hub id found in the local Hugging Face cache
// (HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub) at `revision` (refs/main without one; see
// find_snapshot). Nothing is downloaded here.
// Throws Error(kUsage): a revision of what is no Hub id. Error(kModel): not found (with the nearest name beside it), config.json that is not JSON
// or not an object, a git-lfs pointer, no config.json at all (says what else lies there: GGUF,
// pickles, ...).
ModelSource find_model(const std::string& model, const std::optional<std::string>& revision = {});

// Throws the Error(kModel) for a model that has these files (relative paths) and no config.json: what
// it is instead, as far as the files tell (GGUF, an adapter, pickles, ...). `place` begins it.
[[noreturn]] void refuse_without_config(const std::string& place,
                                        const std::vector<std::string>& files);

// "Did you mean X?", X a path beside `model` or an id in the local cache; empty where none is near.
std::string nearest_model(const std::string& model);

// Opens the weights: model.safetensors, memory-mapped and validated.
// Throws Error(kModel) with the mend: none there, only pytorch_model.bin, a git-lfs pointer, a
// truncated or lying header.
Weights open_weights(const ModelSource& source);

}  // namespace switchyard
