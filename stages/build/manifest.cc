#include "stages/build/manifest.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/output_file.h"

namespace switchyard {
namespace {

constexpr const char* kTool = "switchyard";
constexpr std::array<std::string_view, 3> kStatusNames = {"done", "skipped", "failed"};

List to_list(const std::vector<std::string>& texts) { return List(texts.begin(), texts.end()); }

std::string text_at(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

std::vector<std::string> texts_at(const Value& map, std::string_view key) {
  std::vector<std::string> texts;
  const Value* value = map.find(key);
  if (value == nullptr || !value->is_list()) return texts;
  for (const Value& item : value->as_list()) {
    if (item.is_string()) texts.push_back(item.as_string());
  }
  return texts;
}

Value to_value(const StageRecord& record) {
  Map map{{"name", record.name}, {"status", status_name(record.status)}};
  if (record.status == StageStatus::kDone) {
    map.set("reused", record.reused);
    map.set("seconds", record.seconds);
    map.set("key", record.key);
    map.set("artifact", record.artifact);
    map.set("bytes", record.bytes);
    map.set("digest", record.digest);
    if (!record.data.empty()) map.set("data", record.data);
  }
  if (!record.inputs.empty()) map.set("inputs", record.inputs);
  if (!record.calibration.is_null()) map.set("calibration", record.calibration);
  if (!record.reason.empty()) map.set("reason", record.reason);
  if (!record.notes.empty()) map.set("notes", to_list(record.notes));
  if (!record.warnings.empty()) map.set("warnings", to_list(record.warnings));
  return map;
}

StageRecord to_record(const Value& value) {
  StageRecord record;
  record.name = text_at(value, "name");
  const auto status = std::find(kStatusNames.begin(), kStatusNames.end(), text_at(value, "status"));
  // What can't be read counts as not done.
  record.status = status == kStatusNames.end()
                      ? StageStatus::kFailed
                      : static_cast<StageStatus>(status - kStatusNames.begin());
  if (const Value* reused = value.find("reused"); reused != nullptr && reused->is_bool()) {
    record.reused = reused->as_bool();
  }
  record.key = text_at(value, "key");
  record.artifact = text_at(value, "artifact");
  record.digest = text_at(value, "digest");
  record.reason = text_at(value, "reason");
  record.notes = texts_at(value, "notes");
  record.warnings = texts_at(value, "warnings");
  if (const Value* seconds = value.find("seconds"); seconds != nullptr && seconds->is_number()) {
    record.seconds = seconds->as_double();
  }
  if (const Value* bytes = value.find("bytes"); bytes != nullptr && bytes->is_int()) {
    record.bytes = static_cast<std::uint64_t>(bytes->as_int());
  }
  if (const Value* data = value.find("data"); data != nullptr && data->is_map()) {
    record.data = data->as_map();
  }
  if (const Value* inputs = value.find("inputs"); inputs != nullptr && inputs->is_map()) {
    record.inputs = inputs->as_map();
  }
  if (const Value* calibration = value.find("calibration")) record.calibration = *calibration;
  return record;
}

}  // namespace

std::string_view status_name(StageStatus status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

const StageRecord* Manifest::find(std::string_view stage) const {
  const auto found = std::find_if(stages.begin(), stages.end(),
                                  [&](const StageRecord& record) { return record.name == stage; });
  return found == stages.end() ? nullptr : &*found;
}

void Manifest::set(StageRecord record) {
  for (StageRecord& known : stages) {
    if (known.name != record.name) continue;
    known = std::move(record);
    return;
  }
  stages.push_back(std::move(record));
}

std::string Manifest::to_json() const {
  List records;
  for (const StageRecord& record : stages) records.push_back(to_value(record));
  const Value value = Map{
      {"tool", kTool},
      {"version", version},
      {"model", model},
      {"rules", rules},
      {"stages", std::move(records)},
      {"model_file", model_file.empty() ? Value() : Value(model_file)},
      {"parts", parts},
      {"model_data", to_list(model_data)},
      {"files", to_list(files)},
  };
  return value.to_json(2) + "\n";
}

std::optional<Manifest> Manifest::read(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kFileName;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  try {
    const Value value = parse_json(text, file.string());
    if (text_at(value, "tool") != kTool) return std::nullopt;
    Manifest manifest;
    manifest.version = text_at(value, "version");
    manifest.model = text_at(value, "model");
    manifest.rules = text_at(value, "rules");
    manifest.model_file = text_at(value, "model_file");
    if (const Value* parts = value.find("parts"); parts != nullptr && parts->is_map()) {
      manifest.parts = parts->as_map();
    }
    manifest.model_data = texts_at(value, "model_data");
    manifest.files = texts_at(value, "files");
    if (const Value* stages = value.find("stages"); stages != nullptr && stages->is_list()) {
      for (const Value& stage : stages->as_list()) manifest.stages.push_back(to_record(stage));
    }
    return manifest;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void Manifest::write(const std::filesystem::path& directory) const {
  write_file_atomically(directory / kFileName, to_json());
}

}  // namespace switchyard
