// A checkpoint that does not fit its recipe is an error that names the tensor: for every family.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "engine/error.h"
#include "stages/export/weight_report.h"
#include "tests/recipes/families.h"

namespace switchyard::recipes_test {
namespace {

struct Spoilt {
  std::string stored;  // in the file
  std::string asked;   // as the recipe writes it
};

// Tensors that the graph needs and that have two or more dimensions: those in the middle of the file.
std::vector<Spoilt> tensors_to_spoil(const Family& family) {
  const WeightsFile file(family.checkpoint);
  const WeightReport report = report_weights(shipped_rules(), family.request, file.weights());
  std::vector<Spoilt> all;
  for (const TensorFate& fate : report.tensors) {
    const bool matrix = fate.tensor->shape.size() >= 2 && fate.tensor->name.ends_with("weight");
    if (fate.fate == Fate::kUsed && matrix) all.push_back({fate.tensor->name, fate.name});
  }
  const std::size_t middle = all.size() / 2;
  return {all.begin() + static_cast<std::ptrdiff_t>(middle),
          all.begin() + static_cast<std::ptrdiff_t>(std::min(middle + 8, all.size()))};
}

std::string scope_of(const std::string& name) { return name.substr(0, std::min(name.rfind('.'), name.size())); }

// "/encoder/layer.0/dense": the nodes of the tensor's module, which stand for it in a message that
// is about what was computed from it.
std::string node_scope_of(const std::string& tensor) {
  std::string scope = "/";
  for (std::size_t i = 0; i < tensor.rfind('.'); ++i) {
    const bool index = std::isdigit(static_cast<unsigned char>(tensor[i + 1])) != 0;
    scope += tensor[i] == '.' && !index ? '/' : tensor[i];
  }
  return scope;
}

class BrokenCheckpoint : public testing::TestWithParam<Family> {
 protected:
  std::string message_of(const Checkpoint& checkpoint) {
    const WeightsFile file(checkpoint);
    try {
      build_graph(shipped_rules(), GetParam().request, file.weights());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kModel) << error.what();
      return error.what();
    }
    return "no error";
  }

  // Without one of the tensors the file never passes, and one of them is named: a few others tell
  // the recipe which blocks there are (the shortcut of a residual block), and what is missed then
  // lies elsewhere.
  void expect_missed(const std::function<void(Checkpoint&, const std::string&)>& spoil) {
    std::vector<std::string> messages;
    for (const Spoilt& tensor : tensors_) {
      Checkpoint checkpoint = checkpoint_;
      spoil(checkpoint, tensor.stored);
      messages.push_back(message_of(checkpoint));
      ASSERT_NE(messages.back(), "no error") << tensor.stored;
      if (messages.back().find("has no tensor '" + tensor.asked + "'") != std::string::npos) return;
      // Where a module is stored in one of two forms, the other form's name may be missed.
      if (messages.back().find("has no tensor '" + scope_of(scope_of(tensor.asked)) + ".") != std::string::npos) return;
    }
    FAIL() << testing::PrintToString(messages);
  }

  // One of the tensors, spoilt, is named, by itself or by the nodes of its module. Some shapes are
  // read off the tensor, such as the channels of an image: others than usual are fine there.
  void expect_named(const std::function<void(std::vector<std::int64_t>&)>& spoil) {
    std::vector<std::string> messages;
    for (const Spoilt& tensor : tensors_) {
      Checkpoint checkpoint = checkpoint_;
      spoil(checkpoint.tensors[tensor.stored]);
      messages.push_back(message_of(checkpoint));
      const bool named = messages.back().find(tensor.stored) != std::string::npos ||
                         messages.back().find(node_scope_of(tensor.asked)) != std::string::npos ||
                         messages.back().find(node_scope_of(scope_of(tensor.asked))) != std::string::npos;
      if (named) return;
    }
    FAIL() << testing::PrintToString(messages);
  }

  Checkpoint checkpoint_ = GetParam().checkpoint;
  const std::vector<Spoilt> tensors_ = tensors_to_spoil(GetParam());
};

TEST_P(BrokenCheckpoint, WholeOneIsFine) { EXPECT_EQ(message_of(checkpoint_), "no error"); }

TEST_P(BrokenCheckpoint, DroppedTensorIsMissed) {
  expect_missed([](Checkpoint& checkpoint, const std::string& name) { checkpoint.tensors.erase(name); });
}

TEST_P(BrokenCheckpoint, RenamedTensorIsMissed) {
  expect_missed([](Checkpoint& checkpoint, const std::string& name) {
    auto node = checkpoint.tensors.extract(name);
    node.key() += "s";
    checkpoint.tensors.insert(std::move(node));
  });
}

// Some recipes ignore whole modules (adapters of other languages), so not every place will do.
TEST_P(BrokenCheckpoint, AddedTensorIsUnused) {
  std::vector<std::string> messages;
  for (const Spoilt& tensor : tensors_) {
    Checkpoint checkpoint = checkpoint_;
    checkpoint.tensors[scope_of(tensor.stored) + ".stray"] = {3};
    messages.push_back(message_of(checkpoint));
    for (const std::string& name : {tensor.stored, tensor.asked}) {
      if (messages.back().find("leaves " + scope_of(name) + ".stray of the checkpoint unused") != std::string::npos) return;
    }
  }
  FAIL() << testing::PrintToString(messages);
}

TEST_P(BrokenCheckpoint, OtherShapeDoesNotFit) {
  expect_named([](std::vector<std::int64_t>& shape) {
    ++shape[shape[1] == 1 ? 0 : 1];  // a depthwise convolution of more channels may be a grouped one
  });
}

TEST_P(BrokenCheckpoint, OtherRankDoesNotFit) {
  expect_named([](std::vector<std::int64_t>& shape) { shape.push_back(2); });
}

INSTANTIATE_TEST_SUITE_P(Families, BrokenCheckpoint, testing::ValuesIn(families()),
                         [](const auto& info) { return test_name(info.param.recipe); });

}  // namespace
}  // namespace switchyard::recipes_test
