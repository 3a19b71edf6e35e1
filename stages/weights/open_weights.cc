#include "stages/weights/open_weights.h"

#include <system_error>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/text.h"
#include "stages/checkpoint/mapped_file.h"
#include "stages/checkpoint/safetensors.h"
#include "stages/weights/torch/torch_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAdapterConfig = "adapter_config.json";
constexpr std::string_view kAdapterMend =
    "Merge the adapter into its base model and save that (peft: "
    "model.merge_and_unload().save_pretrained(DIR)), then give that directory";

}  // namespace

const std::vector<std::string>& state_dict_wrappers(const RuleBook& rules) {
  return rules.keys("state_dict_wrappers");
}

void refuse_adapter(const fs::path& directory) {
  const fs::path file = directory / kAdapterConfig;
  std::error_code error;
  if (!fs::exists(file, error)) return;
  const Value config = parse_json(read_text(file), file.string());
  const auto text = [&](const char* key) {
    const Value* const value = config.find(key);
    return value != nullptr && value->is_string() ? value->as_string() : std::string();
  };
  const std::string type = text("peft_type");
  const std::string base = text("base_model_name_or_path");
  throw Error(
      ErrorKind::kModel, Place{file.string()},
      "the directory holds an adapter" + (type.empty() ? "" : " (" + type + ")") +
          (base.empty() ? "" : " of the base model '" + base + "'") + ", not a whole model",
      std::string(kAdapterMend) +
          ". Where the weights beside it are merged already, move adapter_config.json away");
}

void refuse_adapter_tensors(const RuleBook& rules, const std::vector<std::string_view>& names,
                            const fs::path& file) {
  for (const std::string& part : rules.keys("adapter_tensors")) {
    for (const std::string_view name : names) {
      if (name.find(part) == name.npos) continue;
      const auto row = rules.lookup("adapter_tensors", part);
      const std::string kind = row->value.is_string() ? " (" + row->value.as_string() + ")" : "";
      throw Error(ErrorKind::kModel, Place{file.string()},
                  "holds the tensors of an adapter" + kind + ", such as `" + shorten(name, 200) +
                      "`, not those of a whole model",
                  std::string(kAdapterMend));
    }
  }
}

Weights open_weights(const RuleBook& rules, const WeightSource& source) {
  const FileOpener open = [&](const fs::path& file) {
    return source.format == WeightFormat::kTorch
               ? torch::open_torch(file, state_dict_wrappers(rules))
               : open_safetensors(file);
  };
  const Weights weights =
      source.sharded ? Weights::open_shards(source.file, open) : Weights::of(open(source.file));
  std::vector<std::string_view> names;
  names.reserve(weights.tensors().size());
  for (const StoredTensor& tensor : weights.tensors()) names.push_back(tensor.name);
  refuse_adapter_tensors(rules, names, source.file);
  return weights;
}

Weights open_weights(const RuleBook& rules, const ModelSource& source) {
  refuse_adapter(source.directory);
  return open_weights(rules, find_weight_files(rules, source.directory, source.variant));
}

}  // namespace switchyard
