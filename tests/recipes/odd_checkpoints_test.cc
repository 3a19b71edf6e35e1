// Real config.json files from public repositories with checkpoints as their authors' programs wrote
// them: bare or prefixed, with old names, with buffers, with another task's head, tied or half.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "engine/error.h"
#include "engine/json.h"
#include "stages/export/weight_report.h"
#include "stages/resolve/resolve.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

const std::filesystem::path kCorpus =
    std::filesystem::path(SWITCHYARD_SOURCE_DIR) / "../shared/corpus/configs.jsonl";

using Tensors = std::map<std::string, std::vector<std::int64_t>>;

class Namer {
 public:
  Namer(Tensors& tensors, const Value& config) : tensors_(tensors), config_(config) {}

  std::int64_t number(const char* key, std::int64_t otherwise) const {
    const Value* value = config_.find(key);
    return value != nullptr && value->is_int() ? value->as_int() : otherwise;
  }
  void add(const std::string& name, std::vector<std::int64_t> shape) { tensors_[name] = std::move(shape); }
  void norm(const std::string& name, std::int64_t size) {
    add(name + ".weight", {size});
    add(name + ".bias", {size});
  }
  void linear(const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }

 private:
  Tensors& tensors_;
  const Value& config_;
};

// The encoder that BERT and ViT share but for names.
void add_layers(Namer& namer, const std::string& prefix, const std::string& attention) {
  const std::int64_t hidden = namer.number("hidden_size", 768);
  const std::int64_t inner = namer.number("intermediate_size", 3072);
  for (std::int64_t i = 0; i < namer.number("num_hidden_layers", 12); ++i) {
    const std::string layer = prefix + "encoder.layer." + std::to_string(i) + ".";
    for (const char* part : {"query", "key", "value"}) {
      namer.linear(layer + "attention." + attention + "." + part, hidden, hidden);
    }
    namer.linear(layer + "attention.output.dense", hidden, hidden);
    namer.linear(layer + "intermediate.dense", inner, hidden);
    namer.linear(layer + "output.dense", hidden, inner);
  }
}

void add_bert(Namer& namer, const std::string& prefix, bool pooler) {
  const std::int64_t hidden = namer.number("hidden_size", 768);
  namer.add(prefix + "embeddings.word_embeddings.weight", {namer.number("vocab_size", 30522), hidden});
  namer.add(prefix + "embeddings.position_embeddings.weight",
            {namer.number("max_position_embeddings", 512), hidden});
  namer.add(prefix + "embeddings.token_type_embeddings.weight",
            {namer.number("type_vocab_size", 2), hidden});
  namer.norm(prefix + "embeddings.LayerNorm", hidden);
  add_layers(namer, prefix, "self");
  for (std::int64_t i = 0; i < namer.number("num_hidden_layers", 12); ++i) {
    const std::string layer = prefix + "encoder.layer." + std::to_string(i) + ".";
    namer.norm(layer + "attention.output.LayerNorm", hidden);
    namer.norm(layer + "output.LayerNorm", hidden);
  }
  if (pooler) namer.linear(prefix + "pooler.dense", hidden, hidden);
}

void add_masked_head(Namer& namer) {
  const std::int64_t hidden = namer.number("hidden_size", 768);
  namer.add("cls.predictions.bias", {namer.number("vocab_size", 30522)});
  namer.linear("cls.predictions.transform.dense", hidden, hidden);
  namer.norm("cls.predictions.transform.LayerNorm", hidden);
}

void add_vit(Namer& namer, const std::string& prefix, bool pooler) {
  const std::int64_t hidden = namer.number("hidden_size", 768);
  const std::int64_t patch = namer.number("patch_size", 16);
  const std::int64_t side = namer.number("image_size", 224) / patch;
  const std::int64_t channels = namer.number("num_channels", 3);
  namer.add(prefix + "embeddings.cls_token", {1, 1, hidden});
  namer.add(prefix + "embeddings.position_embeddings", {1, side * side + 1, hidden});
  namer.add(prefix + "embeddings.patch_embeddings.projection.weight", {hidden, channels, patch, patch});
  namer.add(prefix + "embeddings.patch_embeddings.projection.bias", {hidden});
  add_layers(namer, prefix, "attention");
  for (std::int64_t i = 0; i < namer.number("num_hidden_layers", 12); ++i) {
    const std::string layer = prefix + "encoder.layer." + std::to_string(i) + ".";
    namer.norm(layer + "layernorm_before", hidden);
    namer.norm(layer + "layernorm_after", hidden);
  }
  namer.norm(prefix + "layernorm", hidden);
  if (pooler) namer.linear(prefix + "pooler.dense", hidden, hidden);
}

void gamma_and_beta(Tensors& tensors) {
  Tensors renamed;
  for (auto& [name, shape] : tensors) {
    std::string old = name;
    if (const auto at = old.rfind("LayerNorm.weight"); at != old.npos) old.replace(at, 16, "LayerNorm.gamma");
    if (const auto at = old.rfind("LayerNorm.bias"); at != old.npos) old.replace(at, 14, "LayerNorm.beta");
    renamed[old] = shape;
  }
  tensors = std::move(renamed);
}

struct Odd {
  const char* id;
  std::optional<std::string> task;  // the user's
  std::function<void(Namer&, Tensors&)> write;
  const char* dtype;
  std::map<Fate, int> fates;
  int missing;  // needed tensors
};

// What the counts mean stands in the rows: 16 tensors a layer, 5 of the embeddings, 2 of the pooler.
const Odd kOdd[] = {
    // sentence-transformers: the base model alone, a buffer of positions.
    {"dbalikhin__onnx__all-minilm", {},
     [](Namer& n, Tensors&) { add_bert(n, "", true); n.add("embeddings.position_ids", {1, 512}); },
     "F32", {{Fate::kUsed, 5 + 6 * 16 + 2}, {Fate::kIdle, 1}}, 0},
    {"Xyntopia__all-MiniLM-L6-v2", {}, [](Namer& n, Tensors&) { add_bert(n, "", true); }, "F16",
     {{Fate::kUsed, 5 + 6 * 16 + 2}}, 0},
    // Saved by DistributedDataParallel, pooler left out.
    {"GurjotSinghMahi__open_source_models__all-mpnet-base-v2", {},
     [](Namer& n, Tensors&) { add_bert(n, "module.", false); }, "F32",
     {{Fate::kUsed, 5 + 6 * 16}}, 0},
    // TSDAE: the encoder of a denoising pair, prefixed although it is a base model.
    {"danielsaggau__IR_LDC__archive-archive_model-Unsupervised-Learning-TSDAE-config-2", {},
     [](Namer& n, Tensors&) { add_bert(n, "bert.", true); add_masked_head(n); }, "F32",
     {{Fate::kUsed, 5 + 12 * 16 + 2}, {Fate::kForeignHead, 5}}, 0},
    // Whole-word masking, converted from TensorFlow: gamma and beta, the output layer tied and absent,
    // a pooler and a second head that filling masks does not need.
    {"fishaudio__Bert-VITS2__bert-chinese-roberta-wwm-ext-large", {},
     [](Namer& n, Tensors& t) {
       add_bert(n, "bert.", true);
       add_masked_head(n);
       n.linear("cls.seq_relationship", 2, 1024);
       gamma_and_beta(t);
     },
     "F32", {{Fate::kUsed, 5 + 24 * 16 + 5}, {Fate::kIgnored, 2}, {Fate::kForeignHead, 2}}, 0},
    {"jimmyjazz4you__ms-marco-MiniLM-L-2-v2", {},
     [](Namer& n, Tensors&) {
       add_bert(n, "bert.", true);
       n.linear("classifier", 1, 384);
       n.add("bert.embeddings.position_ids", {1, 512});
     },
     "F32", {{Fate::kUsed, 5 + 2 * 16 + 2 + 2}, {Fate::kIdle, 1}}, 0},
    {"josp70__nlptown_bert-base-multilingual-uncased-sentiment", {},
     [](Namer& n, Tensors&) { add_bert(n, "bert.", true); n.linear("classifier", 5, 768); }, "BF16",
     {{Fate::kUsed, 5 + 12 * 16 + 2 + 2}}, 0},
    // Labels each word: the pooler came along.
    {"z-ai-lab__bert-base-NER", {},
     [](Namer& n, Tensors&) { add_bert(n, "bert.", true); n.linear("classifier", 9, 768); }, "F32",
     {{Fate::kUsed, 5 + 12 * 16 + 2}, {Fate::kIgnored, 2}}, 0},
    // The same asked for another task than it was made for: that head is missing, its own is foreign.
    {"z-ai-lab__bert-base-NER__onnx", "question-answering",
     [](Namer& n, Tensors&) { add_bert(n, "bert.", true); n.linear("classifier", 9, 768); }, "F32",
     {{Fate::kUsed, 5 + 12 * 16}, {Fate::kIgnored, 2}, {Fate::kForeignHead, 2}}, 1},
    {"bigdataai-lab__vit-base-patch16-224-in21k", {},
     [](Namer& n, Tensors&) { add_vit(n, "", true); }, "F32", {{Fate::kUsed, 4 + 12 * 16 + 2 + 2}}, 0},
    {"jellyrgb__sign_app__vit_model", {},
     [](Namer& n, Tensors&) { add_vit(n, "vit.", false); n.linear("classifier", 26, 768); }, "F32",
     {{Fate::kUsed, 4 + 12 * 16 + 2 + 2}}, 0},
    // Fine-tuned with a pooler that the head never reads, under half precision.
    {"mazatlumm__skin-detector__model", {},
     [](Namer& n, Tensors&) { add_vit(n, "vit.", true); n.linear("classifier", 15, 768); }, "F16",
     {{Fate::kUsed, 4 + 12 * 16 + 2 + 2}, {Fate::kIgnored, 2}}, 0},
    // A config that says little: sizes only, all else is the type's default.
    {"narcissus01__dinov3", {}, [](Namer& n, Tensors&) { add_vit(n, "", false); }, "F32",
     {{Fate::kUsed, 4 + 12 * 16 + 2}}, 0},
};

std::optional<Value> corpus_config(const std::string& id) {
  std::ifstream lines(kCorpus, std::ios::binary);
  for (std::string line; std::getline(lines, line);) {
    if (line.find('"' + id + '"') == line.npos) continue;
    const Value entry = parse_json(line, kCorpus.string());
    if (entry.find("id")->as_string() == id) return *entry.find("config");
  }
  return {};
}

class OddCheckpoint : public testing::TestWithParam<Odd> {};

TEST_P(OddCheckpoint, IsAccountedFor) {
  if (!std::filesystem::exists(kCorpus)) GTEST_SKIP() << kCorpus << " is not here";
  const auto config = corpus_config(GetParam().id);
  ASSERT_TRUE(config);
  ResolveRequest resolve_request{.config = *config};
  resolve_request.options.task = GetParam().task;
  const Resolution resolution = resolve(shipped_rules(), resolve_request);
  ASSERT_TRUE(resolution.recipe);
  Checkpoint checkpoint{.config = resolution.config, .tensors = {}, .dtype = GetParam().dtype};
  Namer namer(checkpoint.tensors, checkpoint.config);
  GetParam().write(namer, checkpoint.tensors);
  const WeightsFile file(checkpoint);
  GraphRequest request;
  request.recipe = *resolution.recipe;
  request.task = resolution.optimum_task;
  request.shown_task = resolution.task;
  request.config = resolution.config;
  const WeightReport report = report_weights(shipped_rules(), request, file.weights());

  std::map<Fate, int> fates;
  for (const TensorFate& fate : report.tensors) ++fates[fate.fate];
  for (const auto& [fate, number] : GetParam().fates) EXPECT_EQ(fates[fate], number) << fate_name(fate);
  EXPECT_EQ(fates.size(), GetParam().fates.size());
  int missing = 0;
  for (const auto& one : report.missing) missing += !one.optional;
  EXPECT_EQ(missing, GetParam().missing);
  EXPECT_EQ(report.fits(), missing == 0) << report.stopped;
  if (missing > 0) {
    EXPECT_THROW(build_graph(shipped_rules(), request, file.weights()), Error);
  } else {
    EXPECT_NO_THROW(build_graph(shipped_rules(), request, file.weights()));
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, OddCheckpoint, testing::ValuesIn(kOdd), [](const auto& info) {
  std::string name = info.param.id;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace switchyard::recipes_test
