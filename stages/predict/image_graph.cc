#include "stages/predict/image_graph.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/error.h"
#include "stages/calibrate/image.h"
#include "stages/calibrate/preprocess.h"
#include "stages/checkpoint/preprocessing.h"

namespace switchyard {
namespace {

constexpr char kSupported[] =
    "So far `run` takes image classifiers, and `eval` also models that give features of images: "
    "one input, a batch of images";

bool takes_images(const IoInfo& input) {
  return input.shape.size() == 4 && is_convertible("float32", input.dtype);
}

const IoInfo& image_input(const Session& session, const std::filesystem::path& file) {
  const std::vector<IoInfo>& inputs = session.inputs();
  if (inputs.size() != 1 || !takes_images(inputs.front()))
    throw Error(ErrorKind::kModel, Place{file.string()},
                "this model does not take images alone: its inputs are " + describe(inputs),
                kSupported);
  return inputs.front();
}

ImagePreprocessing required_preprocessing(const RuleBook& rules, const ModelSource& checkpoint) {
  std::optional<ImagePreprocessing> preprocessing = image_preprocessing(rules, checkpoint);
  if (!preprocessing)
    throw Error(ErrorKind::kModel, Place{checkpoint.directory.string()},
                "the model's folder does not say how its images are prepared",
                "Put the model's preprocessor_config.json there (timm models have pretrained_cfg "
                "in config.json)");
  return *std::move(preprocessing);
}

}  // namespace

struct ImageGraph::Impl {
  ImageGraphOptions options;
  std::filesystem::path file;
  Session session;
  IoInfo input;
  ImagePreprocessing preprocessing;

  Impl(const RuleBook& rules, const std::filesystem::path& onnx_file, const ModelSource& checkpoint,
       const ImageGraphOptions& given)
      : options(given),
        file(onnx_file),
        session(onnx_file, {.threads = given.threads}),
        input(image_input(session, onnx_file)),
        preprocessing(required_preprocessing(rules, checkpoint)) {}

  // Images a run: the graph's own batch size where that is fixed.
  std::size_t batch() const {
    if (input.shape[0] > 0) return static_cast<std::size_t>(input.shape[0]);
    return std::max<std::size_t>(options.batch, 1);
  }

  Tensor prepare(const std::filesystem::path& image) const {
    const std::string name = image.string();
    Tensor tensor = preprocess_image(preprocessing, read_image(image), name);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int64_t wanted = input.shape[axis + 1];
      if (wanted > 0 && wanted != tensor.shape[axis])
        throw Error(ErrorKind::kModel, Place{name},
                    "prepared as " + preprocessing.source + " says, the image has " +
                        std::to_string(tensor.shape[axis]) + " along axis " +
                        std::to_string(axis + 1) + " where the graph's input " + input.name +
                        " takes " + std::to_string(wanted),
                    "Use the preprocessing configuration that belongs to " + file.string());
    }
    return convert_tensor(std::move(tensor), input.dtype);
  }

  // The output for images of one shape, as many rows as `images`.
  Tensor run(std::vector<Tensor> images, const std::string& output) const {
    const std::size_t wanted = images.size();
    // A graph of a fixed batch gets it full; the rows of the repeated picture are ignored.
    if (input.shape[0] > 0) images.resize(batch(), images.back());
    NamedTensors outputs = session.run({{input.name, stack(images)}}, {output});
    Tensor rows = convert_tensor(std::move(outputs.at(output)), "float32");
    if (rows.shape.empty() || rows.shape[0] < static_cast<std::int64_t>(wanted) ||
        rows.count() == 0)
      throw Error(ErrorKind::kModel, Place{file.string()},
                  "output " + output + " has not one row an image", kSupported);
    return rows;
  }
};

ImageGraph::ImageGraph(const RuleBook& rules, const std::filesystem::path& onnx_file,
                       const ModelSource& checkpoint, const ImageGraphOptions& options)
    : impl_(std::make_unique<const Impl>(rules, onnx_file, checkpoint, options)) {}

ImageGraph::ImageGraph(ImageGraph&&) noexcept = default;
ImageGraph::~ImageGraph() = default;

const std::filesystem::path& ImageGraph::file() const { return impl_->file; }

const std::vector<IoInfo>& ImageGraph::outputs() const { return impl_->session.outputs(); }

void ImageGraph::run(const std::vector<std::filesystem::path>& images, const std::string& output,
                     const Row& use) const {
  std::size_t done = 0;
  std::vector<Tensor> waiting;  // of one shape; the images after `done`
  const auto flush = [&] {
    if (waiting.empty()) return;
    const std::size_t count = waiting.size();
    const Tensor rows = impl_->run(std::move(waiting), output);
    waiting.clear();
    const std::size_t size = rows.count() / static_cast<std::size_t>(rows.shape[0]);
    const std::span<const std::int64_t> shape = std::span(rows.shape).subspan(1);
    for (std::size_t i = 0; i < count; ++i) {
      use(done++, {rows.as<float>() + i * size, size}, shape);
    }
  };
  for (const std::filesystem::path& image : images) {
    Tensor tensor = impl_->prepare(image);
    if (!waiting.empty() && waiting.front().shape != tensor.shape) flush();
    waiting.push_back(std::move(tensor));
    if (waiting.size() == impl_->batch()) flush();
  }
  flush();
}

std::string describe(const std::vector<IoInfo>& infos) {
  std::string text;
  for (const IoInfo& info : infos) {
    text += (text.empty() ? "" : ", ") + info.name + " (" + info.dtype + ", rank " +
            std::to_string(info.shape.size()) + ")";
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace switchyard
