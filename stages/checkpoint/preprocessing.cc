#include "stages/checkpoint/preprocessing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {
namespace {

using Resize = ImagePreprocessing::Resize;

constexpr int kSideLimit = 16384;  // pixels; beyond it a side is a slip or an attack

struct InterpolationRow {
  Interpolation interpolation;
  std::string_view name;
};
constexpr InterpolationRow kInterpolations[] = {
    {Interpolation::kNearest, "nearest"},   {Interpolation::kLanczos, "lanczos"},
    {Interpolation::kBilinear, "bilinear"}, {Interpolation::kBicubic, "bicubic"},
    {Interpolation::kBox, "box"},           {Interpolation::kHamming, "hamming"},
};

// Reads typed fields of one JSON object; every complaint names file and field.
class Fields {
 public:
  // `defaults`, a map or null, is consulted where `object` has no such field or null.
  Fields(const Value& object, const Value& defaults, const std::string& file)
      : object_(object), defaults_(defaults), file_(file) {}

  [[noreturn]] void fail(std::string_view field, const std::string& what) const {
    throw Error(ErrorKind::kModel, Place{file_}, "`" + std::string(field) + "` " + what,
                "Correct the file, or download it again");
  }

  const Value* find(std::string_view field) const {
    const Value* value = object_.find(field);
    if (value == nullptr || value->is_null()) value = defaults_.find(field);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  bool flag(std::string_view field, bool otherwise) const {
    const Value* const value = find(field);
    if (value == nullptr) return otherwise;
    if (!value->is_bool()) fail(field, "is " + value->to_json() + ", not true or false");
    return value->as_bool();
  }
  double number(std::string_view field, double otherwise) const {
    const Value* const value = find(field);
    if (value == nullptr) return otherwise;
    if (!value->is_number() || !std::isfinite(value->as_double())) {
      fail(field, "is " + value->to_json() + ", not a number");
    }
    return value->as_double();
  }
  // A side in pixels.
  int side(std::string_view field, const Value& value) const {
    const double size = value.is_number() ? value.as_double() : 0.0;
    if (!(size >= 1 && size <= kSideLimit) || size != std::floor(size)) {
      fail(field, "is " + value.to_json() + ", not a size in pixels");
    }
    return static_cast<int>(size);
  }
  // One number per channel, or one for all.
  std::vector<double> per_channel(std::string_view field, int channels,
                                  std::vector<double> otherwise) const {
    const Value* const value = find(field);
    std::vector<double> numbers = std::move(otherwise);
    if (value != nullptr) {
      numbers.clear();
      const List list = value->is_list() ? value->as_list() : List{*value};
      for (const Value& item : list) {
        if (!item.is_number() || !std::isfinite(item.as_double())) {
          fail(field, "is " + value->to_json() + ", not a list of numbers");
        }
        numbers.push_back(item.as_double());
      }
    }
    if (numbers.size() == 1) numbers.resize(static_cast<std::size_t>(channels), numbers[0]);
    if (numbers.size() != static_cast<std::size_t>(channels)) {
      fail(field, "has " + std::to_string(numbers.size()) + " numbers for " +
                      std::to_string(channels) + " channels");
    }
    return numbers;
  }

 private:
  const Value& object_;
  const Value& defaults_;
  const std::string& file_;
};

Interpolation interpolation_of(const Fields& fields, std::string_view field,
                               Interpolation otherwise) {
  const Value* const value = fields.find(field);
  if (value == nullptr) return otherwise;
  for (const InterpolationRow& row : kInterpolations) {
    if (value->is_int() && value->as_int() == static_cast<int>(row.interpolation)) {
      return row.interpolation;
    }
    if (value->is_string() && iequals(value->as_string(), row.name)) return row.interpolation;
  }
  fields.fail(field, "is " + value->to_json() + ", not a known filter");
}

void check_std(const Fields& fields, std::string_view field, const std::vector<double>& std) {
  if (std::find(std.begin(), std.end(), 0.0) != std.end()) fields.fail(field, "holds a zero");
}

// `size` as image processors write it: {height, width}, {shortest_edge}, {shortest_edge,
// longest_edge}, {longest_edge}, or a bare number, which means a square or the shortest edge.
void read_size(const Fields& fields, bool bare_is_square, ImagePreprocessing& out) {
  const Value* const size = fields.find("size");
  if (size == nullptr) return;
  const auto part = [&](std::string_view name) -> int {
    const Value* const value = size->find(name);
    return value == nullptr || value->is_null() ? 0 : fields.side("size", *value);
  };
  if (size->is_map()) {
    const int shortest = part("shortest_edge"), longest = part("longest_edge");
    const int height = part("height"), width = part("width");
    if (height > 0 && width > 0) {
      out.resize = Resize::kExact;
      out.resize_height = height;
      out.resize_width = width;
    } else if (shortest > 0) {
      out.resize = Resize::kShortestEdge;
      out.resize_height = out.resize_width = shortest;
      out.longest_limit = longest;
    } else if (longest > 0) {
      out.resize = Resize::kInside;
      out.resize_height = out.resize_width = longest;
    } else {
      fields.fail("size", "is " + size->to_json() + ", which names no size");
    }
  } else if (size->is_list()) {
    // Old feature extractors wrote (width, height).
    const List& pair = size->as_list();
    if (pair.size() != 2) fields.fail("size", "is " + size->to_json() + ", not a pair");
    out.resize = Resize::kExact;
    out.resize_width = fields.side("size", pair[0]);
    out.resize_height = fields.side("size", pair[1]);
  } else {
    out.resize = bare_is_square ? Resize::kExact : Resize::kShortestEdge;
    out.resize_height = out.resize_width = fields.side("size", *size);
  }
}

void read_crop_size(const Fields& fields, ImagePreprocessing& out) {
  const Value* size = fields.find("crop_size");
  if (size == nullptr) {
    out.crop_height = out.resize_height;
    out.crop_width = out.resize_width;
  } else if (size->is_map()) {
    const Value* const edge = size->find("shortest_edge");
    const Value* const height = edge != nullptr ? edge : size->find("height");
    const Value* const width = edge != nullptr ? edge : size->find("width");
    if (height == nullptr || width == nullptr) {
      fields.fail("crop_size", "is " + size->to_json() + ", without height and width");
    }
    out.crop_height = fields.side("crop_size", *height);
    out.crop_width = fields.side("crop_size", *width);
  } else {
    out.crop_height = out.crop_width = fields.side("crop_size", *size);
  }
  out.crop = out.crop_height > 0;
}

// Processors with `crop_pct`: small sizes are resized to size / crop_pct and cropped to size; from
// `crop_pct_below` on, the image is squashed to size and nothing is cropped.
void apply_crop_pct(const Fields& fields, double crop_pct, ImagePreprocessing& out) {
  if (out.resize != Resize::kShortestEdge) return;
  const int edge = out.resize_height;
  const double limit = fields.number("crop_pct_below", 384);
  if (edge >= limit) {
    out.resize = Resize::kExact;
    return;
  }
  if (!(crop_pct > 0)) fields.fail("crop_pct", "is not above zero");
  out.resize_height = out.resize_width = static_cast<int>(edge / crop_pct);
  out.crop = true;
  out.crop_height = out.crop_width = edge;
}

// To the nearest integer, halves to even, as Python rounds.
int round_half_even(double value) { return static_cast<int>(std::nearbyint(value)); }

int corner(int size, int wanted, ImagePreprocessing::CropRounding rounding) {
  const int margin = size - wanted;
  // Padding puts the smaller half first in torchvision, the larger half in transformers.
  if (rounding == ImagePreprocessing::CropRounding::kHalfEven) {
    return margin >= 0 ? round_half_even(margin / 2.0) : -(-margin / 2);
  }
  return margin >= 0 ? margin / 2 : -((-margin + 1) / 2);
}

}  // namespace

std::string_view interpolation_name(Interpolation interpolation) {
  for (const InterpolationRow& row : kInterpolations) {
    if (row.interpolation == interpolation) return row.name;
  }
  return "unknown";
}

ImagePlan plan_image(const ImagePreprocessing& preprocessing, int height, int width) {
  ImagePlan plan{.resize_height = height, .resize_width = width};
  const int wanted_h = preprocessing.resize_height, wanted_w = preprocessing.resize_width;
  const auto by_ratio = [&](double ratio) {
    plan.resize_height = std::max(1, round_half_even(height / ratio));
    plan.resize_width = std::max(1, round_half_even(width / ratio));
  };
  switch (preprocessing.resize) {
    case Resize::kNone:
      break;
    case Resize::kExact:
      plan.resize_height = wanted_h;
      plan.resize_width = wanted_w;
      break;
    case Resize::kShortestEdge: {
      const int shorter = std::min(height, width), longer = std::max(height, width);
      int edge = wanted_h;
      int other = static_cast<int>(static_cast<double>(edge) * longer / shorter);
      if (preprocessing.longest_limit > 0 && other > preprocessing.longest_limit) {
        edge = static_cast<int>(static_cast<double>(preprocessing.longest_limit) * edge / other);
        other = preprocessing.longest_limit;
      }
      plan.resize_height = std::max(1, height <= width ? edge : other);
      plan.resize_width = std::max(1, height <= width ? other : edge);
      break;
    }
    case Resize::kCover:
      by_ratio(
          std::min(static_cast<double>(height) / wanted_h, static_cast<double>(width) / wanted_w));
      break;
    case Resize::kInside:
      by_ratio(
          std::max(static_cast<double>(height) / wanted_h, static_cast<double>(width) / wanted_w));
      break;
  }
  plan.height = plan.resize_height;
  plan.width = plan.resize_width;
  if (preprocessing.crop) {
    plan.height = preprocessing.crop_height;
    plan.width = preprocessing.crop_width;
    plan.top = corner(plan.resize_height, plan.height, preprocessing.crop_rounding);
    plan.left = corner(plan.resize_width, plan.width, preprocessing.crop_rounding);
  }
  return plan;
}

ImagePreprocessing preprocessing_of_pretrained_cfg(const Value& cfg, const std::string& file) {
  const Value no_defaults;
  const Fields fields(cfg, no_defaults, file);
  ImagePreprocessing out;
  out.source = "config.json: pretrained_cfg";

  int height = 224, width = 224;
  if (const Value* const size = fields.find("input_size")) {
    if (!size->is_list() || size->as_list().size() != 3) {
      fields.fail("pretrained_cfg.input_size",
                  "is " + size->to_json() + ", not [channels, height, width]");
    }
    const List& list = size->as_list();
    out.channels = fields.side("pretrained_cfg.input_size", list[0]);
    height = fields.side("pretrained_cfg.input_size", list[1]);
    width = fields.side("pretrained_cfg.input_size", list[2]);
  }
  double crop_pct = fields.number("crop_pct", 0.875);
  if (crop_pct == 0) crop_pct = 0.875;
  if (!(crop_pct > 0.01)) fields.fail("pretrained_cfg.crop_pct", "is too small");
  out.resize_height = static_cast<int>(std::floor(height / crop_pct));
  out.resize_width = static_cast<int>(std::floor(width / crop_pct));
  out.interpolation = interpolation_of(fields, "interpolation", Interpolation::kBicubic);
  out.crop = true;
  out.crop_height = height;
  out.crop_width = width;
  out.crop_rounding = ImagePreprocessing::CropRounding::kHalfEven;
  out.rescale_factor = 1.0 / 255.0;
  const bool rgb = out.channels == 3;
  out.mean = fields.per_channel("mean", out.channels,
                                rgb ? std::vector{0.485, 0.456, 0.406} : std::vector{0.5});
  out.std = fields.per_channel("std", out.channels,
                               rgb ? std::vector{0.229, 0.224, 0.225} : std::vector{0.5});
  check_std(fields, "std", out.std);

  const Value* const mode = fields.find("crop_mode");
  if (mode != nullptr && *mode == Value("squash")) {
    out.resize = Resize::kExact;
  } else if (mode != nullptr && *mode == Value("border")) {
    out.resize = Resize::kInside;
    for (const double mean : out.mean) out.pad_color.push_back(round_half_even(255 * mean));
  } else if (out.resize_height == out.resize_width) {
    out.resize = Resize::kShortestEdge;
  } else {
    // For targets that are not square timm leaves the filter at its default here.
    out.resize = Resize::kCover;
    out.interpolation = Interpolation::kBilinear;
  }
  return out;
}

ImagePreprocessing preprocessing_of_processor(const Value& processor, const Value& row,
                                              const std::string& file) {
  const Fields fields(processor, row, file);
  ImagePreprocessing out;
  out.source = "preprocessor_config.json";
  out.interpolation = interpolation_of(fields, "resample", Interpolation::kBilinear);
  const bool do_crop = fields.flag("do_center_crop", false);
  if (fields.flag("do_resize", true))
    read_size(fields, fields.flag("bare_size_is_square", true), out);
  const Value* const crop_pct = fields.find("crop_pct");
  if (crop_pct != nullptr) apply_crop_pct(fields, fields.number("crop_pct", 1.0), out);
  if (const double scale = fields.number("resize_scale", 1.0);
      scale != 1.0 && out.resize == Resize::kShortestEdge) {
    out.resize_height = out.resize_width = static_cast<int>(scale * out.resize_height);
  }
  if (do_crop) read_crop_size(fields, out);
  if (fields.flag("do_rescale", true)) {
    out.rescale_factor = fields.number("rescale_factor", 1.0 / 255.0);
    if (fields.flag("rescale_offset", false)) out.offset = 1.0;
  }
  if (const Value* const mean = fields.find("image_mean"); mean != nullptr && mean->is_list()) {
    out.channels = std::clamp(static_cast<int>(mean->as_list().size()), 1, 4);
  }
  out.flip_channels = fields.flag("do_flip_channel_order", false);
  if (fields.flag("do_normalize", true)) {
    out.mean = fields.per_channel("image_mean", out.channels, {0.5});
    out.std = fields.per_channel("image_std", out.channels, {0.5});
    check_std(fields, "image_std", out.std);
  }
  return out;
}

std::optional<ImagePreprocessing> image_preprocessing(const RuleBook& rules,
                                                      const ModelSource& source) {
  const Value* const cfg = source.config.find("pretrained_cfg");
  const Value& processor = source.preprocessor_config;
  const bool has_processor = processor.is_map() && (processor.find("image_mean") != nullptr ||
                                                    processor.find("size") != nullptr ||
                                                    processor.find("resample") != nullptr);
  if (has_processor) {
    Value row;
    for (const std::string_view field : {"image_processor_type", "feature_extractor_type"}) {
      const Value* const type = processor.find(field);
      if (type == nullptr || !type->is_string() || !rules.has_knowledge("image_processors"))
        continue;
      if (const auto found = rules.lookup("image_processors", type->as_string())) {
        row = found->value;
        break;
      }
    }
    return preprocessing_of_processor(processor, row,
                                      (source.directory / "preprocessor_config.json").string());
  }
  if (cfg != nullptr && cfg->is_map()) {
    return preprocessing_of_pretrained_cfg(*cfg, source.config_file.string());
  }
  return {};
}

}  // namespace switchyard
