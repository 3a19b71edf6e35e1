// What varies between checkpoints of one architecture: the same graph comes out, and the report says
// by which rule (rules/weights.yaml).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/error.h"
#include "stages/export/weight_report.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

WeightReport report(const std::string& recipe, const Checkpoint& checkpoint,
                    const std::string& task, const WeightsFile& file) {
  GraphRequest request;
  request.recipe = recipe;
  request.task = task;
  request.config = checkpoint.config;
  return report_weights(shipped_rules(), request, file.weights());
}

const TensorFate& fate_of(const WeightReport& report, const std::string& name) {
  for (const TensorFate& fate : report.tensors) {
    if (fate.tensor->name == name) return fate;
  }
  throw std::runtime_error("no tensor " + name);
}

void rename_all(Checkpoint& checkpoint,
                const std::function<std::string(const std::string&)>& renamed) {
  std::map<std::string, std::vector<std::int64_t>> tensors;
  for (auto& [name, shape] : checkpoint.tensors) tensors[renamed(name)] = shape;
  checkpoint.tensors = std::move(tensors);
}

void put_in_front(Checkpoint& checkpoint, const std::string& prefix) {
  rename_all(checkpoint, [&](const std::string& name) { return prefix + name; });
}

std::string replaced_end(const std::string& name, const std::string& end, const std::string& by) {
  return name.ends_with(end) ? name.substr(0, name.size() - end.size()) + by : name;
}

void set_config(Checkpoint& checkpoint, const std::string& key, Value value) {
  Map config = checkpoint.config.as_map();
  config.set(key, std::move(value));
  checkpoint.config = std::move(config);
}

struct Oddity {
  const char* name;
  const char* checkpoint;  // of tests/data/recipes
  const char* recipe;
  const char* task;
  std::function<void(Checkpoint&)> change;
  // One tensor of the file, what became of it, and the rules behind that.
  const char* tensor;
  Fate fate;
  std::vector<std::string> rules;
};

void PrintTo(const Oddity& oddity, std::ostream* out) { *out << oddity.name; }

const Oddity kOddities[] = {
    {"BarePrefix", "bert__BertForSequenceClassification", "bert", "text-classification",
     [](Checkpoint& c) {
       rename_all(c, [](const std::string& n) { return n.starts_with("bert.") ? n.substr(5) : n; });
     },
     "encoder.layer.1.output.dense.weight", Fate::kUsed, {"weights/base-prefix"}},
    {"PrefixWhereBaseModelsHaveNone", "vit__ViTModel", "vit", "feature-extraction",
     [](Checkpoint& c) { put_in_front(c, "vit."); },
     "vit.encoder.layer.0.output.dense.bias", Fate::kUsed, {}},
    {"GammaAndBeta", "bert__BertForMaskedLM", "bert", "fill-mask",
     [](Checkpoint& c) {
       rename_all(c, [](const std::string& n) {
         return replaced_end(replaced_end(n, "LayerNorm.weight", "LayerNorm.gamma"),
                             "LayerNorm.bias", "LayerNorm.beta");
       });
     },
     "bert.encoder.layer.0.attention.output.LayerNorm.gamma", Fate::kUsed, {"weights/gamma"}},
    {"GammaWithoutPrefix", "bert__BertModel", "bert", "feature-extraction",
     [](Checkpoint& c) {
       rename_all(c, [](const std::string& n) {
         const std::string bare = n.starts_with("bert.") ? n.substr(5) : n;
         return replaced_end(bare, "LayerNorm.bias", "LayerNorm.beta");
       });
     },
     "embeddings.LayerNorm.beta", Fate::kUsed, {"weights/base-prefix", "weights/beta"}},
    {"DataParallel", "test_resnet", "timm/resnet", "image-classification",
     [](Checkpoint& c) { put_in_front(c, "module."); }, "module.fc.weight", Fate::kUsed,
     {"weights/data-parallel"}},
    {"WrappersInWrappers", "test_resnet", "timm/resnet", "image-classification",
     [](Checkpoint& c) { put_in_front(c, "module._orig_mod.timm_model."); },
     "module._orig_mod.timm_model.fc.bias", Fate::kUsed,
     {"weights/data-parallel", "weights/compiled", "weights/wrapped-timm"}},
    {"AttributeOfAWrapperClass", "test_vit", "timm/vision_transformer", "image-classification",
     [](Checkpoint& c) { put_in_front(c, "model."); }, "model.head.weight", Fate::kUsed,
     {"weights/attribute"}},
    {"LastLinear", "test_resnet", "timm/resnet", "image-classification",
     [](Checkpoint& c) {
       rename_all(c, [](const std::string& n) {
         return n.starts_with("fc.") ? "last_linear." + n.substr(3) : n;
       });
     },
     "last_linear.weight", Fate::kUsed, {"weights/last-linear"}},
    {"TiedWeightsAbsent", "bert__BertForMaskedLM", "bert", "fill-mask", [](Checkpoint&) {},
     "bert.embeddings.word_embeddings.weight", Fate::kUsed, {}},
    {"TiedBiasStoredTwice", "bert__BertForMaskedLM", "bert", "fill-mask",
     [](Checkpoint& c) { c.tensors["cls.predictions.decoder.bias"] = {99}; },
     "cls.predictions.decoder.bias", Fate::kTied, {"weights/tied-bias"}},
    {"TiedBiasUnderItsOtherName", "bert__BertForMaskedLM", "bert", "fill-mask",
     [](Checkpoint& c) {
       c.tensors.erase("cls.predictions.bias");
       c.tensors["cls.predictions.decoder.bias"] = {99};
     },
     "cls.predictions.decoder.bias", Fate::kUsed, {"weights/tied-bias"}},
    {"OutputLayerOfItsOwn", "bert__BertForMaskedLM", "bert", "fill-mask",
     [](Checkpoint& c) { c.tensors["cls.predictions.decoder.weight"] = {99, 32}; },
     "cls.predictions.decoder.weight", Fate::kUsed, {}},
    {"PositionIds", "bert__BertModel", "bert", "feature-extraction",
     [](Checkpoint& c) { c.tensors["embeddings.position_ids"] = {1, 40}; },
     "embeddings.position_ids", Fate::kIdle, {"weights/idle-buffers"}},
    {"ProfilerLeftovers", "test_resnet", "timm/resnet", "image-classification",
     [](Checkpoint& c) {
       c.tensors["layer1.0.conv1.total_ops"] = {1};
       c.tensors["total_params"] = {1};
     },
     "total_params", Fate::kIdle, {"weights/idle-buffers"}},
    {"PretrainingCheckpointForFeatures", "bert__BertForPreTraining", "bert", "feature-extraction",
     [](Checkpoint&) {}, "cls.seq_relationship.weight", Fate::kForeignHead, {"weights/other-heads"}},
    {"HeadThatNoRecipeKnows", "bert__BertModel", "bert", "feature-extraction",
     [](Checkpoint& c) { c.tensors["lm_head.weight"] = {99, 32}; }, "lm_head.weight",
     Fate::kForeignHead, {"weights/any-head"}},
    {"HalfPrecision", "test_vit", "timm/vision_transformer", "image-classification",
     [](Checkpoint& c) { c.dtype = "F16"; }, "head.weight", Fate::kUsed, {"weights/float-types"}},
    {"BrainFloats", "bert__BertForMaskedLM", "bert", "fill-mask",
     [](Checkpoint& c) { c.dtype = "BF16"; }, "cls.predictions.bias", Fate::kUsed,
     {"weights/float-types"}},
    {"DoublePrecision", "vit__ViTForImageClassification", "vit", "image-classification",
     [](Checkpoint& c) { c.dtype = "F64"; }, "classifier.bias", Fate::kUsed,
     {"weights/float-types"}},
};

class Fitting : public testing::TestWithParam<Oddity> {};

TEST_P(Fitting, IsReportedAndExported) {
  Checkpoint checkpoint = load_checkpoint(GetParam().checkpoint);
  GetParam().change(checkpoint);
  const WeightsFile file(checkpoint);
  const WeightReport fits = report(GetParam().recipe, checkpoint, GetParam().task, file);
  EXPECT_TRUE(fits.fits()) << fits.stopped;
  const TensorFate& fate = fate_of(fits, GetParam().tensor);
  EXPECT_EQ(fate_name(fate.fate), fate_name(GetParam().fate)) << fate.reason;
  EXPECT_EQ(fate.rules, GetParam().rules);
  EXPECT_NO_THROW(build(GetParam().recipe, checkpoint, GetParam().task, file));
}

INSTANTIATE_TEST_SUITE_P(Oddities, Fitting, testing::ValuesIn(kOddities),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(FittingReport, SaysWhichScopeTookATensor) {
  Checkpoint checkpoint = load_checkpoint("bert__BertModel");
  const WeightsFile file(checkpoint);
  const WeightReport fits = report("bert", checkpoint, "feature-extraction", file);
  EXPECT_EQ(fate_of(fits, "encoder.layer.1.attention.self.query.weight").scope,
            "bert.encoder.layer.1.attention.self.query");
}

TEST(FittingReport, ListsAllThatIsMissingAndUnused) {
  Checkpoint checkpoint = load_checkpoint("vit__ViTForImageClassification");
  rename_all(checkpoint, [](const std::string& n) {
    const auto at = n.find("layer.1.output");
    return at == n.npos ? n : n.substr(0, at) + "layer.1.outputs" + n.substr(at + 14);
  });
  const WeightsFile file(checkpoint);
  const WeightReport fits = report("vit", checkpoint, "image-classification", file);
  EXPECT_FALSE(fits.fits());
  EXPECT_THAT(fits.stopped, IsEmpty());
  std::vector<std::string> missing;
  for (const auto& one : fits.missing) {
    if (!one.optional) missing.push_back(one.name);
  }
  // Biases are optional to linear layers: the one under the wrong name is among the unused.
  EXPECT_THAT(missing, ElementsAre("vit.encoder.layer.1.output.dense.weight"));
  EXPECT_THAT(fits.missing.front().place.str(), HasSubstr("rules/graphs/vit.yaml:"));
  EXPECT_THAT(fits.missing.front().nearest, HasSubstr("vit.encoder.layer.1.outputs.dense.weight"));
  EXPECT_EQ(fate_of(fits, "vit.encoder.layer.1.outputs.dense.bias").fate, Fate::kUnused);
}

TEST(FittingReport, SaysWhereTheRecipeStopped) {
  Checkpoint checkpoint = load_checkpoint("bert__BertModel");
  checkpoint.tensors["encoder.layer.0.output.dense.weight"] = {31, 64};
  const WeightsFile file(checkpoint);
  const WeightReport fits = report("bert", checkpoint, "feature-extraction", file);
  EXPECT_FALSE(fits.fits());
  EXPECT_THAT(fits.stopped, HasSubstr("encoder.layer.0.output.dense.weight"));
  EXPECT_EQ(fate_of(fits, "encoder.layer.0.output.dense.weight").fate, Fate::kUsed);
  EXPECT_EQ(fate_of(fits, "pooler.dense.weight").fate, Fate::kNotReached);
}

// A recipe that stops among its `let` names, which conditions of its `ignore` list ask for.
TEST(FittingReport, GoesToItsEndWhereverTheRecipeStopped) {
  Checkpoint checkpoint = load_checkpoint("mobilenetv3_small_050");
  checkpoint.tensors["conv_stem.weight"] = {16};
  const WeightsFile file(checkpoint);
  const WeightReport fits =
      report("timm/mobilenetv3", checkpoint, "image-feature-extraction", file);
  EXPECT_FALSE(fits.stopped.empty());
  EXPECT_EQ(fits.tensors.size(), checkpoint.tensors.size());
  EXPECT_EQ(fate_of(fits, "conv_head.weight").fate, Fate::kNotReached);
}

TEST(FittingReport, AHeadThatIsMissingIsNotFineTuned) {
  Checkpoint checkpoint = load_checkpoint("bert__BertModel");
  const WeightsFile file(checkpoint);
  const WeightReport fits = report("bert", checkpoint, "text-classification", file);
  std::vector<std::string> missing;
  for (const auto& one : fits.missing) missing.push_back(one.name);
  EXPECT_THAT(missing, Contains(StartsWith("classifier.")));
  try {
    build("bert", checkpoint, "text-classification", file);
    FAIL() << "exported without its head";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("not fine-tuned for the task 'text-classification'"));
  }
}

TEST(FittingReport, AnUntiedOutputLayerMustBeStored) {
  Checkpoint checkpoint = load_checkpoint("bert__BertForMaskedLM");
  set_config(checkpoint, "tie_word_embeddings", false);
  const WeightsFile file(checkpoint);
  EXPECT_FALSE(report("bert", checkpoint, "fill-mask", file).fits());
}

TEST(FittingReport, QuantizedWeightsAreRefused) {
  Checkpoint checkpoint = load_checkpoint("bert__BertModel");
  set_config(checkpoint, "quantization_config", Map{{"quant_method", "bitsandbytes"}});
  const WeightsFile file(checkpoint);
  try {
    report("bert", checkpoint, "feature-extraction", file);
    FAIL() << "took quantized weights";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    EXPECT_THAT(error.what(), HasSubstr("quantized already (bitsandbytes)"));
    EXPECT_THAT(error.what(), HasSubstr("weights.yaml:"));
  }
}

}  // namespace
}  // namespace switchyard::recipes_test
