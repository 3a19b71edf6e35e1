// A trained text classifier from its recorded input_ids: one text at a time, and all of them in one
// padded batch. Its data's licences keep it out of the repository, so it is looked for beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/json.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/export/export.h"
#include "stages/resolve/resolve.h"
#include "stages/runtime/session.h"
#include "tests/support/temporary_directory.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

namespace fs = std::filesystem;

const fs::path kCheckpoint = fs::path(SWITCHYARD_SOURCE_DIR) / "../shared/checkpoints/langid-bert";

Tensor integers(std::int64_t rows, std::int64_t columns) {
  Tensor tensor;
  tensor.dtype = "int64";
  tensor.shape = {rows, columns};
  tensor.bytes.resize(static_cast<std::size_t>(rows * columns) * sizeof(std::int64_t));
  return tensor;
}

// [texts, longest], short ones padded with zeros that the mask hides.
NamedTensors batch_of(const std::vector<const List*>& texts) {
  std::size_t longest = 0;
  for (const List* ids : texts) longest = std::max(longest, ids->size());
  const auto rows = static_cast<std::int64_t>(texts.size());
  const auto columns = static_cast<std::int64_t>(longest);
  NamedTensors batch;
  for (const char* name : {"input_ids", "attention_mask", "token_type_ids"}) {
    batch[name] = integers(rows, columns);
  }
  for (std::size_t row = 0; row < texts.size(); ++row) {
    for (std::size_t i = 0; i < texts[row]->size(); ++i) {
      batch["input_ids"].as<std::int64_t>()[row * longest + i] = (*texts[row])[i].as_int();
      batch["attention_mask"].as<std::int64_t>()[row * longest + i] = 1;
    }
  }
  return batch;
}

void expect_logits(const Tensor& logits, std::size_t row, const List& recorded) {
  ASSERT_EQ(logits.shape.back(), static_cast<std::int64_t>(recorded.size()));
  double largest = 0;
  for (const Value& value : recorded) largest = std::max(largest, std::abs(value.as_double()));
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    EXPECT_NEAR(logits.as<float>()[row * recorded.size() + i], recorded[i].as_double(),
                1e-3 * largest)
        << "text " << row << ", class " << i;
  }
}

TEST(TextCheckpoint, ReproducesTheRecordedLogits) {
  if (!fs::exists(kCheckpoint)) GTEST_SKIP() << kCheckpoint << " is not here";
  const ModelSource source = find_model(kCheckpoint.string());
  const Resolution resolution = resolve(
      shipped_rules(), {.config = source.config, .config_file = source.config_file.string()});
  TemporaryDirectory directory;
  export_model(shipped_rules(), source, resolution, directory / "model.onnx", {});
  const Session session(directory / "model.onnx");

  const Value reference =
      parse_json(read_text(kCheckpoint / "reference.json"), "reference.json");
  const List& samples = reference.find("samples")->as_list();
  ASSERT_GE(samples.size(), 2u);
  std::vector<const List*> texts;
  for (const Value& sample : samples) {
    texts.push_back(&sample.find("input_ids")->as_list());
    const NamedTensors alone = session.run(batch_of({texts.back()}));
    expect_logits(alone.at("logits"), 0, sample.find("logits")->as_list());
  }
  const NamedTensors together = session.run(batch_of(texts));
  for (std::size_t row = 0; row < samples.size(); ++row) {
    expect_logits(together.at("logits"), row, samples[row].find("logits")->as_list());
  }
}

}  // namespace
}  // namespace switchyard::recipes_test
