#include "stages/checkpoint/checkpoint.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/text.h"
#include "stages/checkpoint/directory.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/mapped_file.h"
#include "stages/checkpoint/model_card.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConfigName = "config.json";

// What lies in a directory without a config.json, and what can be done about it. The first row
// that fits the directory gives the message. `ending` fits a file's whole name or its end.
struct Foreign {
  std::string_view ending;
  std::string_view what;
  std::string_view mend;
};
constexpr Foreign kForeign[] = {
    {"adapter_config.json", "holds an adapter (for example LoRA), not a whole model",
     "Merge the adapter into its base model and save that, then give its directory"},
    {"model_index.json", "holds a pipeline of several models",
     "Give the sub-directory of one of its models"},
    {".gguf", "holds a GGUF model, whose weights are quantized already",
     "Start from the original checkpoint that the GGUF file was converted from"},
    {".ggml", "holds a GGML model, whose weights are quantized already",
     "Start from the original checkpoint that the GGML file was converted from"},
    {".onnx", "holds an ONNX model already", "Give the .onnx file itself to optimize or quantize"},
    {".joblib", "holds a pickled model (as scikit-learn's tabular models are), which can't be read",
     "Use that library's own ONNX converter"},
    {".pkl", "holds a pickled model (as scikit-learn's tabular models are), which can't be read",
     "Use that library's own ONNX converter"},
    {".pickle", "holds a pickled model, which can't be read",
     "Use the ONNX converter of the library that wrote it"},
    {".skops", "holds a scikit-learn model, which can't be read",
     "Use that library's own ONNX converter"},
    {".nemo", "holds a NeMo archive", "Use NeMo's own ONNX export"},
    {".keras", "holds a Keras model", "Use Keras' own ONNX export"},
    {".tflite", "holds a TensorFlow Lite model", "Start from the original checkpoint"},
    {".mlmodel", "holds a Core ML model", "Start from the original checkpoint"},
};

// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += (i ? ", " : "") + names[i];
  }
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

[[noreturn]] void fail_without_config(const fs::path& directory) {
  std::vector<std::string> names = file_names_in(directory);
  std::error_code error;
  for (std::size_t i = names.size(); i-- > 0;) {
    const std::string inside = names[i] + "/" + std::string(kConfigName);
    if (fs::is_regular_file(directory / inside, error)) names.push_back(inside);
  }
  refuse_without_config(directory.string(), names);
}

[[noreturn]] void fail_not_found(const std::string& model) {
  std::string mend = nearest_model(model);
  std::string what = "no such file or directory";
  if (is_hub_id(model)) {
    if (const auto cache = hub_cache_directory()) {
      what += ", and no model of that id in the local Hugging Face cache (" + cache->string() + ")";
      if (mend.empty()) {
        mend = "Download it first, for example with `hf download " + model + "`";
      }
    }
  }
  if (mend.empty()) mend = "Give a model's directory, its config.json, or a Hub id (ORG/NAME)";
  throw Error(ErrorKind::kModel, Place{model}, std::move(what), std::move(mend));
}

Value read_object(const fs::path& file) {
  Value value = parse_json(read_text(file), file.string());
  if (!value.is_map()) {
    throw Error(ErrorKind::kModel, Place{file.string()},
                "holds a JSON " + std::string(value.kind_name()) + ", not an object",
                "Download the file again");
  }
  return value;
}

ModelSource read_directory(const fs::path& shown, const fs::path& config_file) {
  std::error_code error;
  ModelSource source;
  source.directory = fs::canonical(shown, error);
  if (error) {
    throw Error(ErrorKind::kModel, Place{shown.string()}, "can't be read: " + error.message());
  }
  source.config_file = config_file;
  source.config = read_object(config_file);
  if (const fs::path file = shown / "preprocessor_config.json"; fs::exists(file, error)) {
    source.preprocessor_config = read_object(file);
  }
  if (const fs::path card = shown / "README.md"; fs::is_regular_file(card, error)) {
    // A card is an aid: one that can't be read says nothing, and takes nothing away.
    try {
      source.pipeline_tag = front_matter_value(read_text(card), "pipeline_tag");
    } catch (const Error&) {
    }
  }
  source.model_id = hub_id_of_path(fs::absolute(shown, error));
  if (!source.model_id) source.model_id = hub_id_of_path(source.directory);
  if (source.model_id && source.directory.parent_path().filename() == "snapshots") {
    source.revision = source.directory.filename().string();
  }
  return source;
}

}  // namespace

void refuse_without_config(const std::string& place, const std::vector<std::string>& files) {
  for (const Foreign& row : kForeign) {
    const auto at = std::find_if(files.begin(), files.end(), [&](const std::string& name) {
      return name.find('/') == name.npos && name.ends_with(row.ending);
    });
    if (at == files.end()) continue;
    throw Error(ErrorKind::kModel, Place{place},
                "no config.json there; the directory " + std::string(row.what) + " (" + *at + ")",
                std::string(row.mend));
  }
  std::vector<std::string> inside;
  for (const std::string& name : files) {
    const auto slash = name.find('/');
    if (slash != name.npos && name.substr(slash + 1) == kConfigName) {
      inside.push_back(name.substr(0, slash));
    }
  }
  std::sort(inside.begin(), inside.end());
  if (!inside.empty()) {
    throw Error(ErrorKind::kModel, Place{place}, "no config.json there, but in " + listed(inside),
                "Give that directory");
  }
  throw Error(ErrorKind::kModel, Place{place},
              files.empty() ? "no config.json there: the directory is empty"
                            : "no config.json there, only " + listed(files),
              "Give a directory in the layout of the Hugging Face Hub: config.json beside "
              "model.safetensors");
}

std::string nearest_model(const std::string& model) {
  const fs::path path(model);
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (const auto near = nearest_names(path.filename().string(), file_names_in(parent), 1);
      !near.empty()) {
    const fs::path there = path.has_parent_path() ? parent / near[0] : fs::path(near[0]);
    return "Did you mean " + there.string() + "?";
  }
  const auto cache = hub_cache_directory();
  return is_hub_id(model) && cache ? did_you_mean(model, hub_ids(*cache)) : std::string();
}

ModelSource find_model(const std::string& model, const std::optional<std::string>& revision) {
  std::error_code error;
  fs::path path(model);
  std::optional<std::string> given_id;
  if (model.empty()) throw Error(ErrorKind::kModel, {}, "the model's path is empty");
  const bool is_path = fs::exists(path, error);
  if (revision && (is_path || !is_hub_id(model))) {
    throw Error(ErrorKind::kUsage, Place{model},
                "is a path, and only a model of the Hub has revisions",
                "Leave --revision out, or give the model's Hub id (ORG/NAME)");
  }
  if (!is_path) {
    const auto cache = hub_cache_directory();
    const auto snapshot = is_hub_id(model) && cache ? find_in_hub_cache(*cache, model, revision)
                                                    : std::optional<fs::path>();
    if (!snapshot) fail_not_found(model);
    path = *snapshot;
    given_id = model;
  }
  fs::path config_file;
  if (fs::is_directory(path, error)) {
    if (hub_id_of_path(path.filename()) && fs::is_directory(path / "snapshots", error)) {
      path = snapshot_of_entry(path);
    }
    config_file = path / kConfigName;
    // A symlink whose target is gone is there all the same: reading it says what is wrong.
    if (!fs::exists(fs::symlink_status(config_file, error))) fail_without_config(path);
  } else if (path.extension() == ".json") {
    config_file = path;
    path = path.has_parent_path() ? path.parent_path() : fs::path(".");
  } else {
    throw Error(ErrorKind::kModel, Place{model}, "is neither a directory nor a config.json",
                "Give the directory that holds config.json and model.safetensors");
  }
  ModelSource source = read_directory(path, config_file);
  if (given_id) source.model_id = std::move(given_id);
  return source;
}

}  // namespace switchyard
