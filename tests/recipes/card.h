// Reference cards: a model's config, its tensors' names and shapes, inputs, and the outputs that PyTorch computed.
// Weights and inputs are a pure function of name and index, so a card of a few kilobytes tests the whole graph.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/runtime/session.h"

namespace switchyard::recipes_test {

struct Card {
  std::string id;
  std::string task;
  Value json;
};
Card read_card(const std::filesystem::path& file);

// Writes config.json and model.safetensors.
void materialize(const Card& card, const std::filesystem::path& directory);

NamedTensors inputs_of(const Card& card);

// What differs between the card's `section` ("outputs", "extra_outputs") and what the graph gave, by more than
// `tolerance` of the largest magnitude; empty when nothing does.
std::string difference(const Card& card, const char* section, const NamedTensors& outputs, double tolerance);

}  // namespace switchyard::recipes_test
