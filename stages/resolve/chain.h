// The chain of decisions, step by step. Each step gathers the facts that the next decision table
// reads, asks the table, and writes the outcome into the resolution.
//
// docs/resolution.md lists the facts under the names that rules use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/facts.h"
#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/resolve/asker.h"
#include "stages/resolve/identify.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// For one request; used once, by one thread.
class Chain {
 public:
  // All must outlive the chain; `trace` may be null. Throws Error(kModel) when the request names no
  // known model type.
  Chain(const RuleBook& rules, const ResolveRequest& request, Trace* trace = nullptr);

  // `with_plan`: also what builds lean on, the completed config, inputs and outputs, precision,
  // optimization and calibration. Throws Error(kModel) when there is no outcome.
  Resolution run(bool with_plan);

  // What was decided before run() threw; nothing of use after run() returned.
  const Resolution& so_far() const { return out_; }
  // What the decisions could read; all of it after run().
  const Facts& facts() const { return facts_; }

 private:
  void gather_facts();
  void set_class_facts();
  void decide_library();
  void decide_task();
  void decide_class();
  void decide_modality();
  void decide_composite();
  void narrow_config();
  void decide_export();
  void decide_plan();

  // Asks a table; records the decision and its warnings. `value_of`: the output that is the
  // decision's value; empty for all outputs.
  std::optional<Outcome> ask(std::string_view decision, std::string_view value_of = {});
  [[noreturn]] void fail(std::string what, std::string mend = {}) const;

  const RuleBook& rules_;
  const ResolveRequest& request_;
  Asker asker_;
  Identity identity_;
  Facts facts_;
  Resolution out_;

  std::string task_;            // as decided, before the modality's upgrade
  bool as_written_ = false;     // the user's task: no upgrades
  bool own_config_ = false;     // the class reads the whole config
  std::string pure_composite_;  // why no class serves the task, while a composite still may
  std::string config_type_;     // whose values that part (or the whole) holds
  std::string registry_key_;    // of the export configuration
};

}  // namespace switchyard
