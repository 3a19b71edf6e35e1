// How the documents of one decision, spread over layers, become one list of rules.
#pragma once

#include <vector>

#include "engine/rule.h"

namespace switchyard {

// Documents by layer, the base first.
using DecisionLayers = std::vector<std::vector<DecisionDocument>>;

// The one that is declared; priority when none is. Throws when two documents differ.
HitPolicy merged_hit_policy(const DecisionLayers& layers);

// When any document declares `columns` (or `outputs`), all rules must keep to the declared names of
// all documents; a declared column covers the paths below it. Throws at the first that does not.
void check_declared_names(const DecisionLayers& layers);

// A rule with the id of an earlier layer's takes that rule's place; a new one stands before all
// rules of earlier layers, so that among equals the later layer wins; disabled ones are left out.
// Throws for an id given twice in one layer, and for an overlay that disables what is not there.
std::vector<Rule> merge_rules(DecisionLayers layers);

}  // namespace switchyard
