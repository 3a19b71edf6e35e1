// Images through a graph: prepared as the checkpoint says, run in batches, one output read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/runtime/session.h"

namespace switchyard {

struct ImageGraphOptions {
  std::size_t batch = 16;  // images a run; a graph with a fixed batch size overrides it
  int threads = 0;         // of ONNX Runtime; 0: its own choice
};

// Owns the session. run() may be called from several threads.
class ImageGraph {
 public:
  // Throws Error(kModel): no graph, one that takes something else than one batch of images, or a
  // checkpoint that does not say how images are prepared.
  ImageGraph(const RuleBook& rules, const std::filesystem::path& onnx_file,
             const ModelSource& checkpoint, const ImageGraphOptions& options);
  ImageGraph(ImageGraph&&) noexcept;
  ~ImageGraph();

  const std::filesystem::path& file() const;
  const std::vector<IoInfo>& outputs() const;

  // What an output has for one image: its values (float32) and its dimensions without the batch.
  using Row = std::function<void(std::size_t image, std::span<const float> values,
                                 std::span<const std::int64_t> shape)>;

  // Calls `use` for each image in order. Throws Error(kModel) naming the first image that can't be
  // read or whose prepared size the graph does not take, or an output without one row an image.
  // Precondition: `output` is one of outputs() and convertible to float32.
  void run(const std::vector<std::filesystem::path>& images, const std::string& output,
           const Row& use) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// "logits (float32, rank 2), ...", for messages; "nothing" for none.
std::string describe(const std::vector<IoInfo>& infos);

}  // namespace switchyard
