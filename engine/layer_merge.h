// How the documents of one decision, spread over layers, become one list of rules.
#pragma once

#include <vector>

#include "engine/rule.h"

namespace switchyard {

// Documents by layer, the base first.
using DecisionLayers = std::vector<std::vector<DecisionDocument>>;

// All of these throw at the first fault, or collect the faults and go on without what is wrong.

// The one that is declared; priority when none is. Two documents that differ are a fault.
HitPolicy merged_hit_policy(const DecisionLayers& layers, Faults* faults);

// The declared columns (outputs) of all documents.
std::vector<DeclaredName> merged_names(const DecisionLayers& layers,
                                       std::vector<DeclaredName> DecisionDocument::*names);

// When any document declares `columns` (or `outputs`), all rules must keep to the declared names of
// all documents, in conditions and in references; a declared column covers the paths below it.
void check_declared_names(const DecisionLayers& layers, Faults* faults);

// A rule with the id of an earlier layer's takes that rule's place; a new one stands before all
// rules of earlier layers, so that among equals the later layer wins; disabled ones are left out.
// Faults: an id given twice in one layer, an overlay that disables or `replaces` what is not there.
std::vector<Rule> merge_rules(DecisionLayers layers, Faults* faults);

// Best first.
void sort_by_rank(std::vector<Rule>& rules, HitPolicy hit_policy);

}  // namespace switchyard
