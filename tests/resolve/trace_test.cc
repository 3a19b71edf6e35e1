// Traces: every question that the chain asks of a decision table, and why it was answered so.
#include "stages/resolve/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/error.h"
#include "stages/resolve/requests.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

Trace trace_of(const RuleBook& rules, std::string_view request) {
  Trace trace;
  try {
    resolve_traced(rules, read_request(json(request)), trace);
  } catch (const Error&) {  // the trace up to there is what is looked at
  }
  return trace;
}

// The names of what was asked, in order; those asked beside the chain in parentheses.
std::string asked(const Trace& trace) {
  std::string text;
  for (const Question& question : trace.questions) {
    text += text.empty() ? "" : " ";
    text += question.purpose.empty() ? question.decision : "(" + question.decision + ")";
  }
  return text;
}

const Question& question(const Trace& trace, std::string_view decision, std::size_t nth = 0) {
  for (const Question& found : trace.questions) {
    if (found.decision == decision && nth-- == 0) return found;
  }
  throw std::out_of_range("the chain did not ask " + std::string(decision));
}

constexpr const char* kPlan = " precision optimization calibration calibration_fallback evaluator";

TEST(Trace, HoldsEveryQuestionInOrder) {
  struct Case {
    const char* request;
    std::string asked;
  };
  const Case cases[] = {
      {R"({"config": {"model_type": "vit", "architectures": ["ViTModel"]}})",
       std::string("wrapped_library library task task_upgrade model_class main_input modality "
                   "composite unexportable exporter") +
           kPlan},
      // A user's task is surfaced as written: no upgrades. Nothing is registered for it.
      {R"({"config": {"model_type": "bert"}, "options": {"task": "masked-lm"}})",
       std::string("wrapped_library library task model_class model_class main_input composite "
                   "unexportable exporter") +
           kPlan},
      // A user's library and class; a config that only betrays its library.
      {R"({"config": {"architecture": "resnet18", "pretrained_cfg": {}},
           "options": {"library": "timm", "model_class": "TimmWrapperModel"}})",
       std::string("(wrapped_library) wrapped_library library (library) task task_upgrade "
                   "model_class main_input modality exporter") +
           kPlan},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(asked(trace_of(shipped_rules(), c.request)), c.asked) << c.request;
  }
}

TEST(Trace, ChangesNoOutcome) {
  std::size_t compared = 0;
  for (const Value& request :
       json_lines(source_directory() / "tests/data/resolution_sample.jsonl")) {
    const ResolveRequest parsed = read_request(request);
    Trace trace;
    std::string plain, traced;
    const auto text = [](const Resolution& resolution) {
      std::string all = resolution.task + resolution.model_class + resolution.composite.to_json();
      for (const Decision& decision : resolution.decisions) {
        all += decision.name + decision.value.to_json() + decision.rule_id;
      }
      return all;
    };
    try {
      plain = text(resolve(shipped_rules(), parsed));
    } catch (const Error& error) {
      plain = error.what();
    }
    try {
      traced = text(resolve_traced(shipped_rules(), parsed, trace));
    } catch (const Error& error) {
      traced = error.what();
    }
    EXPECT_EQ(plain, traced);
    ++compared;
  }
  EXPECT_GT(compared, 50u);
}

TEST(Trace, AgreesWithTheDecisions) {
  const std::string_view request =
      R"({"config": {"model_type": "vit", "architectures": ["ViTModel"]}})";
  const Trace trace = trace_of(shipped_rules(), request);
  std::set<std::string> seen;
  for (const Decision& decision : resolve_json(shipped_rules(), request).decisions) {
    const Question& asked = question(trace, decision.name);
    EXPECT_EQ(asked.value(), decision.value) << decision.name;
    if (asked.instead) {
      EXPECT_EQ(asked.instead->rule_id, decision.rule_id);
    } else {
      ASSERT_EQ(asked.outcomes.size(), 1u);
      EXPECT_EQ(asked.outcomes[0].rule.id, decision.rule_id);
      const auto won = std::ranges::find_if(asked.explanation.rules,
                                            [](const Considered& rule) { return rule.won; });
      ASSERT_NE(won, asked.explanation.rules.end());
      EXPECT_EQ(won->rule.id, decision.rule_id);
    }
    seen.insert(decision.name);
  }
  EXPECT_TRUE(seen.contains("task"));
  EXPECT_TRUE(seen.contains("modality"));
}

TEST(Trace, TellsWhatTheFactsWere) {
  const Trace trace = trace_of(
      shipped_rules(), R"({"config": {"model_type": "vit", "architectures": ["ViTModel"]}})");
  std::set<std::string> facts;
  for (const FactRead& fact : question(trace, "modality").explanation.facts) {
    facts.insert(fact.path + "=" + (fact.value ? fact.value->to_json() : "-"));
  }
  EXPECT_EQ(facts, (std::set<std::string>{"task=\"feature-extraction\"",
                                          "main_input_name=\"pixel_values\""}));
}

TEST(Trace, NamesWhatDecidedInPlaceOfARule) {
  struct Case {
    const char* request;
    const char* source;
    const char* rule;
  };
  const Case cases[] = {
      {R"({"config": {"model_type": "vit", "architectures": ["ViTModel"]}})", "auto-class",
       "task_classes"},
      {R"({"config": {"model_type": "bert"}, "options": {"model_class": "BertForMaskedLM"}})",
       "user-class", ""},
      {R"({"config": {"model_type": "t5"}, "options": {"task": "translation"}})", "",
       "t5/text2text-generation"},
  };
  for (const auto& [request, source, rule] : cases) {
    const Trace trace = trace_of(shipped_rules(), request);
    const Question* last = nullptr;
    for (const Question& asked : trace.questions) {
      if (asked.decision == "model_class") last = &asked;
    }
    ASSERT_NE(last, nullptr) << request;
    if (*source == '\0') {
      EXPECT_FALSE(last->instead) << request;
      EXPECT_EQ(last->outcomes.at(0).rule.id, rule);
    } else {
      ASSERT_TRUE(last->instead) << request;
      EXPECT_EQ(last->instead->source, source);
      EXPECT_EQ(last->instead->rule_id, rule);
    }
  }
}

TEST(Trace, ReachesUpToTheFailure) {
  EXPECT_EQ(asked(trace_of(shipped_rules(),
                           R"({"config": {"model_type": "bert"}, "options": {"task": "flying"}})")),
            "wrapped_library library task model_class main_input composite");
  EXPECT_EQ(asked(trace_of(shipped_rules(), R"({"config": {"model_type": "nothing-known"}})")), "");
  EXPECT_EQ(asked(trace_of(shipped_rules(), R"({"config": {"some": "config"}})")),
            "(wrapped_library)");
}

TEST(Trace, CollectedQuestionsHaveSeveralOutcomes) {
  const Trace trace = trace_of(
      shipped_rules(),
      R"({"config": {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]}})");
  const Question& composite = question(trace, "composite");
  EXPECT_EQ(composite.outcomes.size(), 2u);
  EXPECT_EQ(composite.value().as_list().size(), 2u);
}

}  // namespace
}  // namespace switchyard
