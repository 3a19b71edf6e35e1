#include "tools/switchyard/model_download.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/error.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/weight_names.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/hub_module.h"
#include "tools/switchyard/text_table.h"
#include "tools/switchyard/version.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// A name with such an ending was meant as a file, not as a model of the Hub.
bool names_a_file(std::string_view model) {
  constexpr std::array<std::string_view, 3> kEndings = {".json", ".onnx", ".safetensors"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return model.ends_with(ending); });
}

// A bar for the terminal: "org/name [=====>    ] 12.0 of 40.0 MiB, 3 of 5 files, 8.1 MiB/s".
class ProgressBar : public DownloadObserver {
 public:
  ProgressBar(Console& console, std::string model) : console_(console), model_(std::move(model)) {}

  void progress(const DownloadProgress& now) override {
    constexpr std::size_t kWidth = 24;
    if (!first_) first_ = now.bytes_done;
    const std::size_t filled = now.bytes == 0
                                   ? 0
                                   : static_cast<std::size_t>(static_cast<double>(kWidth) *
                                                              static_cast<double>(now.bytes_done) /
                                                              static_cast<double>(now.bytes));
    std::string bar(std::min(filled, kWidth), '=');
    bar.resize(kWidth, ' ');
    std::string text = model_ + " [" + bar + "] " + size_text(now.bytes_done) + " of " +
                       size_text(now.bytes) + ", " + std::to_string(now.files_done) + " of " +
                       std::to_string(now.files) + " files";
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    if (passed.count() > 1 && now.bytes_done > *first_) {
      text += ", " +
              size_text(static_cast<std::uint64_t>(static_cast<double>(now.bytes_done - *first_) /
                                                   passed.count())) +
              "/s";
    }
    if (now.waiting) text += ", waiting for another program that downloads the same";
    console_.progress(text);
  }

 private:
  Console& console_;
  std::string model_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::optional<std::uint64_t> first_;  // what earlier downloads had left
};

// What the cache lacks, as the middle of a sentence; nothing when it has all that `scope` needs.
std::optional<std::string> missing(const fs::path& cache, const Arguments& arguments,
                                   const RuleBook& rules, HubScope scope) {
  const std::string where = "local Hugging Face cache (" + cache.string() + ")";
  const auto snapshot = find_snapshot(cache / hub_entry_name(*arguments.model), arguments.revision);
  std::error_code error;
  if (!snapshot || !fs::exists(*snapshot / "config.json", error)) {
    return (arguments.revision ? "no such file or directory, and the revision " +
                                     *arguments.revision + " of no model of that id is in the "
                               : "no such file or directory, and no model of that id in the ") +
           where;
  }
  // Rules that say nothing of the Hub download nothing.
  if (scope == HubScope::kModel && rules.has_knowledge("hub_download") &&
      !has_weights(*snapshot, weight_names(rules))) {
    return "its weights are not in the " + where;
  }
  return {};
}

}  // namespace

void download_missing(const Arguments& arguments, const RuleBook& rules, HubScope scope) {
  const std::string& model = *arguments.model;
  std::error_code error;
  if (!is_hub_id(model) || names_a_file(model) || fs::exists(model, error)) return;
  const auto cache = hub_cache_directory();
  if (!cache) return;
  const auto why = missing(*cache, arguments, rules, scope);
  if (!why) return;

  Console console(arguments);
  ProgressBar bar(console, model);
  const DownloadReport report =
      hub_module().download_model(rules,
                                  {.id = model,
                                   .revision = arguments.revision,
                                   .scope = scope,
                                   .cache = *cache,
                                   .why = *why,
                                   .nearest = nearest_model(model),
                                   .user_agent = std::string("switchyard/") + kVersion},
                                  bar);
  console.clear_progress();
  console.detail("downloaded " + model + " at " + report.commit + ": " +
                 std::to_string(report.files) + " files, " + size_text(report.bytes_fetched) +
                 " fetched in " + duration_text(report.seconds) + ", into " +
                 report.snapshot.string());
}

}  // namespace switchyard
