#include "stages/calibrate/make_calibration.h"

#include <algorithm>
#include <array>

#include "engine/error.h"
#include "stages/calibrate/data_kind.h"
#include "stages/calibrate/image_source.h"
#include "stages/calibrate/preprocess.h"

namespace switchyard {
namespace {

constexpr char kImageFolder[] = "image-folder";
constexpr char kTextLines[] = "text-lines";
constexpr char kAudioFiles[] = "audio-files";
constexpr char kRandom[] = "random";
constexpr char kImageInput[] = "pixel_values";
constexpr std::size_t kImageRank = 4;
constexpr char kImageType[] = "float32";

std::string source_for(DataKind kind) {
  switch (kind) {
    case DataKind::kImages:
      return kImageFolder;
    case DataKind::kText:
      return kTextLines;
    case DataKind::kAudio:
      return kAudioFiles;
    case DataKind::kNone:
      break;
  }
  return kRandom;
}

// What lies where the user said; an error where nothing does.
std::string source_at(const std::filesystem::path& data) {
  const DataKind kind = detect_data_kind(data);
  if (kind != DataKind::kNone) return source_for(kind);
  std::error_code ignored;
  const bool empty = std::filesystem::is_empty(data, ignored);
  throw Error(ErrorKind::kModel, Place{data.string()},
              empty ? "there is no calibration data here: it is empty"
                    : "there is no calibration data here that is known",
              "Give a folder of PNG or JPEG images, or leave --calibration out to use random data");
}

std::string names(const std::vector<IoInfo>& inputs) {
  std::string text;
  for (const IoInfo& input : inputs) text += (text.empty() ? "" : ", ") + input.name;
  return text.empty() ? "nothing" : text;
}

const IoInfo* find(const std::vector<IoInfo>& inputs, std::string_view name) {
  const auto it = std::find_if(inputs.begin(), inputs.end(),
                               [name](const IoInfo& info) { return info.name == name; });
  return it == inputs.end() ? nullptr : &*it;
}

bool takes_any(const std::vector<IoInfo>& inputs, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return find(inputs, name) != nullptr; });
}

// Why images can't feed the graph, whatever they show; empty when they can.
std::string image_mismatch(const std::vector<IoInfo>& inputs) {
  const IoInfo* input = find(inputs, kImageInput);
  if (input == nullptr)
    return std::string("images yield ") + kImageInput + ", but the graph takes " + names(inputs);
  if (input->shape.size() != kImageRank)
    return std::string("images yield ") + kImageInput + " of rank " + std::to_string(kImageRank) +
           ", but the graph takes rank " + std::to_string(input->shape.size());
  if (!is_convertible(kImageType, input->dtype))
    return std::string("images yield ") + kImageInput + " as " + kImageType +
           ", but the graph takes " + input->dtype;
  return {};
}

// Why prepared images of `shape` (channels, height, width) don't fit; empty when they do.
std::string size_mismatch(const std::vector<std::int64_t>& shape, const IoInfo& input) {
  constexpr std::array<const char*, 3> kAxes = {"channels", "height", "width"};
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
    const std::int64_t wanted = input.shape[axis + 1];
    if (wanted > 0 && wanted != shape[axis])
      return std::string("prepared images have ") + kAxes[axis] + " " +
             std::to_string(shape[axis]) + ", but the graph takes " + std::to_string(wanted);
  }
  return {};
}

CalibrationChoice use_random(const CalibrationRequest& request, const std::vector<InputPlan>& plan,
                             const std::string& requested, const std::string& reason) {
  CalibrationChoice choice;
  int samples = request.fallback_samples;
  if (requested == kRandom && request.samples > 0) samples = request.samples;
  choice.source = std::make_unique<RandomSource>(plan, samples);
  choice.requested = requested;
  choice.used = kRandom;
  choice.reason = reason;
  choice.samples = static_cast<std::size_t>(std::max(samples, 0));
  if (requested != kRandom)
    choice.warnings.push_back("calibrating with random data instead of " + requested + ": " +
                              reason + "; expect a loss of accuracy");
  return choice;
}

CalibrationChoice use_images(const CalibrationRequest& request, const std::vector<IoInfo>& inputs,
                             const std::vector<InputPlan>& plan,
                             const ImagePreprocessing& preprocessing) {
  const IoInfo& input = *find(inputs, kImageInput);
  ImageFolderSource::Options options;
  options.samples = static_cast<std::size_t>(std::max(request.samples, 0));
  options.batch = input.shape[0] > 0 ? static_cast<std::size_t>(input.shape[0]) : 1;
  options.dtype = input.dtype;
  std::string others;
  for (const InputPlan& other : plan) {
    if (other.name == kImageInput) continue;
    options.others.push_back(other);
    others += (others.empty() ? "" : ", ") + other.name;
  }
  auto source =
      std::make_unique<ImageFolderSource>(*request.data, preprocessing, std::move(options));
  if (const std::string mismatch = size_mismatch(source->shape(), input); !mismatch.empty())
    return use_random(request, plan, kImageFolder, mismatch);

  CalibrationChoice choice;
  choice.requested = choice.used = kImageFolder;
  choice.samples = source->samples();
  choice.reason = "images of " + request.data->string();
  if (!others.empty()) {
    choice.reason += "; " + others + " drawn at random";
    choice.warnings.push_back("calibrating with images; the graph's other inputs (" + others +
                              ") are drawn at random");
  }
  for (const std::string& image : source->left_out())
    choice.warnings.push_back("calibration leaves out " + image);
  choice.source = std::move(source);
  return choice;
}

}  // namespace

Value CalibrationChoice::record() const {
  return Map{{"requested", requested},
             {"used", used},
             {"reason", reason},
             {"samples", static_cast<std::int64_t>(samples)}};
}

InputHints image_hints(const std::optional<ImagePreprocessing>& preprocessing) {
  InputHints hints;
  if (!preprocessing) return hints;
  const int height =
      preprocessing->crop ? preprocessing->crop_height : preprocessing->resize_height;
  const int width = preprocessing->crop ? preprocessing->crop_width : preprocessing->resize_width;
  if (height > 0 && width > 0) {
    hints.height = height;
    hints.width = width;
  }
  hints.channels = preprocessing->channels;
  return hints;
}

CalibrationChoice make_calibration(const CalibrationRequest& request,
                                   const std::vector<IoInfo>& inputs,
                                   const std::vector<InputPlan>& plan,
                                   const std::optional<ImagePreprocessing>& preprocessing) {
  const std::array known = {kImageFolder, kTextLines, kAudioFiles, kRandom};
  if (std::find(known.begin(), known.end(), request.source) == known.end())
    throw Error(ErrorKind::kUsage, {},
                "the calibration decision names the unknown source '" + request.source + "'",
                "Known are image-folder, text-lines, audio-files and random");
  // The user's data is looked at first: that it is missing is an error whatever the model takes.
  const std::string requested = request.data ? source_at(*request.data) : request.source;
  const auto random = [&](const std::string& reason) {
    return use_random(request, plan, requested, reason);
  };
  if (requested == kRandom) return random("the calibration decision names random data");
  if (!request.data) return random("no calibration data was given (--calibration PATH)");
  if (requested == kTextLines)
    return random(takes_any(inputs, {"input_ids"})
                      ? "text needs a tokenizer, and calibration has none for this model"
                      : "text yields input_ids, but the graph takes " + names(inputs));
  if (requested == kAudioFiles)
    return random(takes_any(inputs, {"input_values", "input_features"})
                      ? "audio needs a feature extractor, and calibration has none for this model"
                      : "audio yields input_values or input_features, but the graph takes " +
                            names(inputs));
  if (const std::string mismatch = image_mismatch(inputs); !mismatch.empty())
    return random(mismatch);
  if (!preprocessing) return random("the checkpoint does not say how its images are prepared");
  return use_images(request, inputs, plan, *preprocessing);
}

CalibrationChoice make_calibration(const CalibrationRequest& request,
                                   const std::filesystem::path& graph,
                                   const std::optional<ImagePreprocessing>& preprocessing) {
  // Only the declared inputs are wanted: no time is spent on optimizing.
  const Session session(graph, {.optimization_level = 0});
  return make_calibration(request, session.inputs(), plan_inputs(graph, image_hints(preprocessing)),
                          preprocessing);
}

CalibrationChoice make_shared_calibration(const CalibrationRequest& request,
                                          const std::filesystem::path& graph,
                                          const std::filesystem::path& other,
                                          const std::optional<ImagePreprocessing>& preprocessing) {
  const Session first(graph, {.optimization_level = 0});
  const Session second(other, {.optimization_level = 0});
  std::vector<IoInfo> inputs = first.inputs();
  for (IoInfo& input : inputs) {
    const IoInfo* same = find(second.inputs(), input.name.c_str());
    if (same == nullptr || same->shape.size() != input.shape.size()) continue;
    for (std::size_t i = 0; i < input.shape.size(); ++i) {
      if (input.shape[i] <= 0) input.shape[i] = same->shape[i];
    }
  }
  return make_calibration(request, inputs,
                          plan_shared_inputs(graph, other, image_hints(preprocessing)),
                          preprocessing);
}

}  // namespace switchyard
