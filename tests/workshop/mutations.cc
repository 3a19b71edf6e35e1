#include "tests/workshop/mutations.h"

namespace switchyard {
namespace {

using enum CaughtBy;

// One fault a line: name, by, file, was, now, at, what, in.
// clang-format off
const Mutation kMutations[] = {
    // The YAML itself and the schema of its documents.
    {"TabInsteadOfSpaces", kCheck, "modality.yaml", "    priority: 100", "\tpriority: 100", "\tpriority", "tab"},
    {"BracketLeftOpen", kCheck, "optimization.yaml", "then: {level: basic}", "then: {level: basic", "source: default", ""},
    {"KeyTwice", kCheck, "library.yaml", "    source: user-library", "    source: user-library\n    source: user", "source: user\n", "source"},
    {"MisspeltKeyOfARule", kCheck, "task_upgrades.yaml", "priority: 100", "priorty: 100", "priorty", "priorty"},
    {"MisspeltKeyOfATable", kCheck, "exporters.yaml", "hit_policy: priority", "hitpolicy: priority", "hitpolicy", "hitpolicy"},
    {"PriorityIsText", kCheck, "main_input.yaml", "priority: 300", "priority: high", "high", "priority"},
    {"RuleWithoutId", kCheck, "modality.yaml", "  - id: pixel-values\n    priority: 100", "  - priority: 100", "- priority: 100", "id"},
    {"RuleWithoutThen", kCheck, "optimization.yaml", "    then: {level: basic}\n", "", "- id: default/basic", "then"},
    {"UnknownHitPolicy", kCheck, "weights.yaml", "hit_policy: collect", "hit_policy: all", "hit_policy: all", "hit_policy"},
    {"UnknownOperator", kCheck, "tasks.yaml", "{longer_than: 1}", "{longer: 1}", "longer: 1", "longer"},
    {"UndeclaredOutput", kCheck, "calibration.yaml", "{source: audio-files, samples: 50}", "{source: audio-files, sampels: 50}", "sampels", "sampels"},
    {"UndeclaredColumn", kCheck, "modality.yaml", "main_input_name: pixel_values}", "main_inputname: pixel_values}", "main_inputname", "main_inputname"},
    {"BraceWithoutAFact", kCheck, "exporters.yaml", "timm/{model_file}", "timm/{model_file", "timm/{model_file", "{"},
    {"UnknownTopLevelKey", kCheck, "libraries.yaml", "knowledge: libraries", "knowlege: libraries", "knowlege", "knowlege"},
    {"RowTwice", kCheck, "synonyms.yaml", "  default: {", "  audio-ctc: {canonical: fill-mask}\n  default: {", "audio-ctc: {canonical: fill-mask}", "audio-ctc"},

    // Names.
    {"UnknownTaskInACondition", kCheck, "precision.yaml", "text-to-audio", "text-to-audoi", "text-to-audoi", "text-to-audoi"},
    {"UnknownTaskInAnOutput", kCheck, "tasks.yaml", "then: {task: feature-extraction}\n    source: model-id-default", "then: {task: feature-extracton}\n    source: model-id-default", "feature-extracton", "feature-extracton"},
    {"UnknownTaskOfASubModel", kCheck, "composites.yaml", "image-encoder: image-feature-extraction", "image-encoder: image-features", "image-encoder: image-features", "image-features"},
    {"UnknownTaskOfAPipeline", kCheck, "composites.yaml", "then: {pipeline: image-to-text", "then: {pipeline: image-to-txt", "image-to-txt", "image-to-txt"},
    {"UnknownTaskOfASynonym", kCheck, "synonyms.yaml", "masked-lm: {canonical: fill-mask}", "masked-lm: {canonical: fill-masks}", "fill-masks", "fill-masks"},
    {"UnknownSupportedTask", kCheck, "knowledge/supported_tasks.yaml", "transformers/albert: [feature-extraction", "transformers/albert: [feature-extractions", "transformers/albert", "feature-extractions"},
    {"UnknownClass", kCheck, "model_classes.yaml", "{class: SiglipTextModel}", "{class: SiglipTextModle}", "SiglipTextModle", "SiglipTextModle"},
    {"UnknownModelType", kCheck, "model_classes.yaml", "model_type_key: marian, task: feature-extraction", "model_type_key: marain, task: feature-extraction", "marain", "marain"},
    {"ModelTypeKeySpelledWithADash", kCheck, "composites.yaml", "model_type_key: vision_encoder_decoder", "model_type_key: vision-encoder-decoder", "model_type_key: vision-encoder-decoder", "vision-encoder-decoder"},
    {"ClassOfAnUnknownModelType", kCheck, "knowledge/architectures.yaml", "BertModel: {model_type: bert,", "BertModel: {model_type: brt,", "BertModel: {model_type: brt,", "brt"},
    {"UnknownTableInALookup", kCheck, "exporters.yaml", "{recipe: {fact: model_type}}", "{recipe: {lookup: {table: libary, key: library}}}", "libary", "libary"},
    {"UnknownFactInAnOutput", kCheck, "tasks.yaml", "{fact: options.task}, as_written", "{fact: optoins.task}, as_written", "optoins", "optoins.task"},
    {"UnknownFactInAWarning", kCheck, "tasks.yaml", "of the tasks that {model_type}", "of the tasks that {model_typ}", "{model_typ}", "model_typ"},
    {"UnknownFieldOfAClass", kCheck, "main_input.yaml", "{fact: base_class.main_input_name}", "{fact: base_class.main_input}", "base_class.main_input}", "main_input"},
    {"UnknownFactAsAColumn", kCheck, "library.yaml", "  wrapped_library: the library", "  wraped_library: the library", "wraped_library", "wraped_library"},
    {"UnknownSourceWord", kCheck, "task_upgrades.yaml", "source: [tasks-manager, user-class]", "source: [task-manager, user-class]", "task-manager", "task-manager"},
    {"UnknownRecipe", kCheck, "exporters.yaml", "{recipe: {fact: model_type}}", "{recipe: bret}", "bret", "bret"},
    {"UnknownValueOfAnOutput", kCheck, "precision.yaml", "activation: uint8", "activation: uint16", "uint16", "uint16"},
    {"UnknownCalibrationSource", kCheck, "calibration.yaml", "source: text-lines", "source: text-line", "source: text-line,", "text-line"},

    // Rules among each other.
    {"IdTwice", kCheck, "main_input.yaml", "- id: user-class", "- id: architecture", "- id: architecture\n    priority: 200", "architecture"},
    {"OverlapAtOnePriority", kCheck, "calibration.yaml", "audio-ctc,", "audio-ctc, translation,", "id: audio", "\"text\" of the same priority"},
    {"ShadowedByAWiderRuleOfItsPriority", kCheck, "model_classes.yaml", "  - {id: vitpose/keypoint-detection,", "  - {id: poses, priority: 100, when: {task: keypoint-detection}, then: {class: AutoModelForKeypointDetection}}\n  - {id: vitpose/keypoint-detection,", "{id: vitpose/keypoint-detection", "\"poses\""},
    {"ShadowedByAHigherRule", kCheck, "main_input.yaml", "when: {architecture.main_input_name: present}", "when: {}", "- id: ", "architecture"},
    {"ShadowedLastResort", kCheck, "optimization.yaml", "rules:\n", "rules:\n  - {id: everything, priority: 1, then: {level: all}}\n", "- id: default/basic", "everything"},
    {"ContradictsItself", kCheck, "library.yaml", "not: {options.library: transformers}", "not: {options.library: present}", "not: {options.library: present}", "can never hold"},
    {"ContradictoryBounds", kCheck, "tasks.yaml", "architecture.task: present}\n    then: {task: {fact: architecture.task}}\n    source: tasks-manager", "architecture.task: present, config.hidden_size: {gt: 8, lt: 4}}\n    then: {task: {fact: architecture.task}}\n    source: tasks-manager", "config.hidden_size", "can never hold"},

    // Regular expressions.
    {"PatternThatDoesNotCompile", kCheck, "tasks.yaml", "[A-Za-z0-9_.-]*$\"", "[A-Za-z0-9_.-*$\"", "matches:", "regular expression"},
    {"PatternThatMatchesTheEmptyText", kCheck, "tasks.yaml", "\"^([A-Za-z0-9_][A-Za-z0-9_.-]*/)?[A-Za-z0-9_][A-Za-z0-9_.-]*$\"", "\"([A-Za-z0-9_.-]*/)?[A-Za-z0-9_.-]*\"", "matches:", "empty"},

    // Sentinels, gaps, variants.
    {"SentinelWithoutItsRow", kCheck, "model_classes.yaml", "  - {id: sam/mask-generation,", "  - {id: sam/mask-generation, disabled: true,", "model_type_key: sam,", "sentinel without its row", "tasks.yaml"},
    {"SentinelOfAnotherTask", kCheck, "tasks.yaml", "then: {task: keypoint-detection, class", "then: {task: depth-estimation, class", "model_type_key: vitpose", "sentinel without its row"},
    {"SentinelOfAnotherClass", kCheck, "tasks.yaml", "class: SAMMaskGeneration", "class: SAM2MaskGeneration", "class: SAM2MaskGeneration", "says class"},
    {"RowOfAnotherClass", kCheck, "model_classes.yaml", "task: mask-generation}, then: {class: SAMMaskGeneration}", "task: mask-generation}, then: {class: Sam2Model}", "class: SAMMaskGeneration", "says class", "tasks.yaml"},
    {"ClassRuleForTaskNull", kCheck, "model_classes.yaml", "model_type_key: sam, task: mask-generation}", "model_type_key: sam, task: null}", "task: null", "never holds"},
    {"VariantWithoutEvaluator", kCheck, "evaluators.yaml", "when: {task: image-feature-extraction}", "when: {task: feature-extraction}", "then: {task: image-feature-extraction}", "no rule of evaluator", "modality.yaml"},
    {"VariantWithoutCalibration", kCheck, "calibration.yaml", "image-classification, image-feature-extraction,", "image-classification,", "then: {task: image-feature-extraction}", "no rule of calibration", "modality.yaml"},
    {"ModelTypeThatNothingDecides", kWarn, "gap.yaml", "", "knowledge: model_types\nrows:\n  elephant: {standalone: true}\n", "elephant", "only the last resort"},

    // Overlays.
    {"OverlayDisablesNothing", kCheck, "mine.yaml", "", "decision: task\nrules:\n  - {id: sentinel/samm, disabled: true}\n", "sentinel/samm", "no rule \"sentinel/samm\""},
    {"OverlayReplacesNothing", kCheck, "mine.yaml", "", "decision: task\nrules:\n  - {id: Sentinel/Sam, priority: 720, when: {model_type_key: sam, task: null}, then: {task: mask-generation}}\n", "Sentinel/Sam", "replaces nothing"},
    {"OverlayOfAMisspeltTable", kCheck, "mine.yaml", "", "decision: precison\nrules:\n  - {id: mine, when: {task: fill-mask}, then: {precision: fp32}}\n", "precison", "no earlier layer"},
    {"OverlayOfAMisspeltKnowledgeTable", kCheck, "mine.yaml", "", "knowledge: model_typs\nrows: {elephant: {}}\n", "model_typs", "no earlier layer"},
    {"OverlayOfAnotherHitPolicy", kCheck, "mine.yaml", "", "decision: task\nhit_policy: first\nrules: []\n", "hit_policy: first", "hit policy"},
    {"OverlayThatShadowsARule", kCheck, "mine.yaml", "", "decision: precision\nrules:\n  - {id: always-float, priority: 300, then: {precision: fp32}}\n", "always-float", "default/int8"},

    // Recipes.
    {"RecipeUsesNoSuchLibrary", kCheck, "graphs/vit.yaml", "use: [linear, norm,", "use: [linear, norms,", "norms", "norms"},
    {"RecipeExpressionDoesNotParse", kCheck, "graphs/vit.yaml", "tokens: patches + 1", "tokens: patches +", "tokens: patches +", ""},

    // What is right by itself and yet wrong: the golden cases know.
    {"AnotherTaskOfAModelId", kTest, "tasks.yaml", "then: {task: feature-extraction}\n    source: model-id-default", "then: {task: fill-mask}\n    source: model-id-default", "id: model-id/bert-tiny", "model-id/bert-tiny"},
    {"PriorityTurnedAround", kTest, "tasks.yaml", "id: head/architecture\n    priority: 500", "id: head/architecture\n    priority: 750", "id: head/architecture", "head/architecture"},
    {"AnotherModelType", kTest, "model_classes.yaml", "when: {model_type_key: segformer, task: image-segmentation}", "when: {model_type_key: upernet, task: image-segmentation}", "", "segformer/image-segmentation"},
    {"AnotherClass", kTest, "model_classes.yaml", "{class: BartEncoderWrapper}", "{class: BartDecoderWrapper}", "id: bart/feature-extraction", "bart/feature-extraction"},
    {"RuleTurnedOff", kTest, "modality.yaml", "  - id: pixel-values\n", "  - id: pixel-values\n    disabled: true\n", "", "pixel-values"},
    {"OperatorTurnedAround", kTest, "main_input.yaml", "options.model_class: absent, base_class", "options.model_class: present, base_class", "", "base-class"},
    {"ConditionLeftOut", kTest, "task_upgrades.yaml", ", is_encoder_decoder: true}", "}", "id: seq2seq/fill-mask", "seq2seq/fill-mask"},
    {"AnotherNumber", kTest, "calibration.yaml", "then: {source: image-folder, samples: 100}", "then: {source: image-folder, samples: 10}", "id: images", "images"},
};
// clang-format on

}  // namespace

std::span<const Mutation> mutations() { return kMutations; }

}  // namespace switchyard
