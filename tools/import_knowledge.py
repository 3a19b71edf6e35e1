#!/usr/bin/env python3
"""Writes the knowledge tables under rules/knowledge/ from JSON facts.

    tools/import_knowledge.py FACTS_DIR            writes the tables
    tools/import_knowledge.py FACTS_DIR --check    says which tables are out of date; exit status 3

FACTS_DIR holds model_types.json, architectures.json, tasks.json, config_defaults.json,
imagenet_labels.json and timm/<model file>.json; docs/resolution.md says what they must contain and
which of their fields are kept. The output depends on the input alone: running it twice changes
nothing. A table of the output is never edited by hand; what a person decides stands in rules/*.yaml.
"""
import argparse
import json
import pathlib
import re
import sys

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
# Plain words that some reader of YAML takes for something else than a string.
RESERVED = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"}

# Defaults that only training, generation or loading reads: no graph depends on them.
UNUSED_DEFAULTS = re.compile(
    r"dropout|drop_prob|dropped|layerdrop|attn_pdrop|embd_pdrop|resid_pdrop|initializer|init_(std|range|xavier)|"
    r"_loss|loss_|mask_(time|feature)_|gradient_checkpointing|use_cache|summary_|_coefficient|_cost\Z|"
    r"(bos|sep|cls|unk|mask|forced_\w+)_token_id|torch_dtype|transformers_version|_name_or_path|"
    r"tokenizer_class|num_beams|early_stopping|length_penalty|is_composition|backbone_kwargs|"
    r"scale_init_value|(use_)?auxiliary|(?<!scaling_)aux_|no_repeat_ngram|output_(attentions|hidden_states|scores)")
# Of the values that all configurations share, those a graph can depend on.
COMMON_DEFAULTS = ("chunk_size_feed_forward", "is_decoder", "is_encoder_decoder",
                   "tie_word_embeddings")


def scalar(value):
    """A scalar as YAML 1.2 core reads it back."""
    if isinstance(value, str):
        if PLAIN.match(value) and value.lower() not in RESERVED:
            return value
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        text = repr(value)
        # YAML's core schema wants a dot or a sign to see a float in an exponent form.
        return text if "e" not in text or "." in text.split("e")[0] else text.replace("e", ".0e")
    return json.dumps(value)


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow_key(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(value)


def flow_key(key):
    return key if PLAIN.match(key) or key.isdigit() else json.dumps(key, ensure_ascii=False)


def table(name, about, rows, fold=False):
    lines = [f"# {line}".rstrip() for line in about.strip().splitlines()]
    lines += ["# Written by tools/import_knowledge.py; do not edit.", f"knowledge: {name}"]
    if fold:
        lines.append("keys: fold")
    lines.append("rows:")
    lines += [f"  {flow_key(key)}: {flow(value)}" for key, value in rows]
    return "\n".join(lines) + "\n"


def long_list(name, about, key, items):
    """A table of one row that is a long list, an item a line."""
    lines = [f"# {about}", "# Written by tools/import_knowledge.py; do not edit.",
             f"knowledge: {name}", "rows:", f"  {flow_key(key)}:"]
    return "\n".join(lines + [f"    - {scalar(item)}" for item in items]) + "\n"


def schema_line(name):
    """What tells an editor's YAML language server which schema the file keeps to."""
    folders = "../" * (1 + name.count("/"))
    return f"# yaml-language-server: $schema={folders}schema/knowledge.schema.json\n"


def without_empty(row):
    return {k: v for k, v in row.items() if v not in (None, False, [], {})}


def config_keys(types):
    """Configuration class -> the attribute of a parent configuration under which it sits."""
    return {t["config_class"]: t["base_config_key"] for t in types.values()
            if t.get("base_config_key")}


def architecture_rows(facts, types):
    keys = config_keys(types)
    for name, fact in facts["architectures"].items():
        own = types.get(fact["model_type"], {}).get("config_class")
        row = {"model_type": fact["model_type"], "task": fact["task"],
               "main_input_name": fact["main_input_name"],
               "config_key": keys.get(fact.get("config_class", own))}
        yield name, without_empty(row)


def model_type_rows(facts):
    for name, fact in facts["model_types"].items():
        yield name, without_empty({
            "config_type": fact.get("class_model_type"),
            "standalone": fact["default_config_instantiable"] is True,
            "encoder_decoder": fact["is_encoder_decoder_default"],
            "base_class": fact["classes"].get("MODEL_MAPPING_NAMES", [None])[0],
            "sub_configs": fact.get("sub_configs"),
        })


def model_class_rows(facts):
    families = facts["families"]
    for name, fact in facts["model_types"].items():
        accepted, others = {}, []
        for family, classes in fact["classes"].items():
            auto = families[family]["auto_classes"]
            for auto_class in auto:
                accepted[auto_class] = classes
            if not auto:
                others += classes
        row = without_empty({
            "auto_classes": {k: v[0] if len(v) == 1 else v for k, v in accepted.items()},
            "other_classes": sorted(set(others)),
        })
        if row:
            yield name, row


def registrations(facts):
    """(library/model type, registration) in the order of the registry."""
    for name, fact in facts["model_types"].items():
        if fact.get("onnx"):
            yield f"transformers/{name}", fact["onnx"]
    for section, library in (("onnx_transformers_not_in_config_mapping", "transformers"),
                             ("onnx_timm", "timm"),
                             ("onnx_sentence_transformers", "sentence_transformers"),
                             ("onnx_diffusers", "diffusers")):
        for name, fact in facts[section].items():
            yield f"{library}/{name}", fact


def tensors(entry):
    """Tensor -> {axis: name}; of a tensor given once per layer, its first form."""
    return {name: axes.get("axes", axes) for name, axes in entry.items()}


def onnx_config_rows(facts):
    for key, fact in registrations(facts):
        config_of = {task: io["config"] for io in fact["io"] for task in io["for_tasks"]}
        yield key, {task: config_of[task] for task in fact["tasks"] if task in config_of}


def onnx_tensor_rows(facts):
    for key, fact in registrations(facts):
        rows = [{"tasks": io["for_tasks"], "inputs": tensors(io["inputs"]),
                 "outputs": tensors(io["outputs"])} for io in fact["io"] if io.get("inputs")]
        if rows:
            yield key, rows


def prune(value, common):
    """Without what no graph reads; sub-configurations also without what all of them share."""
    pruned = {}
    for key, item in value.items():
        if UNUSED_DEFAULTS.search(key) or (common and key in common and item == common[key]):
            continue
        if key in ("label2id", "id2label"):
            continue
        pruned[key] = prune(item, common or {}) if isinstance(item, dict) else item
    return pruned


def default_rows(facts, types):
    """Rows of the model types, and of those that stand only as a part of another type's defaults."""
    common, type_facts = facts["common"], facts["model_types"]
    yield "any", {"defaults": {**{k: common[k] for k in COMMON_DEFAULTS if k in common},
                               "num_labels": len(common["id2label"])}}
    parts = {}
    for name, fact in type_facts.items():
        sub_configs = types.get(name, {}).get("sub_configs", {})
        defaults = {}
        for key, value in prune(fact["defaults"], None).items():
            if not isinstance(value, dict):
                defaults[key] = value
                continue
            value = prune(fact["defaults"][key], common)
            sub_type = sub_configs.get(key)
            if sub_type in type_facts:
                continue  # has a row of its own
            if sub_type in types:
                value.pop("model_type", None)
                if parts.setdefault(sub_type, value) == value:
                    continue
            defaults[key] = value
        yield name, without_empty_maps({"defaults": defaults,
                                        "attribute_map": fact.get("attribute_map", {})})
    for name, value in parts.items():
        yield name, {"defaults": value}


def without_empty_maps(row):
    return {k: v for k, v in row.items() if v != {}}


def timm_rows(folder):
    for path in sorted(folder.glob("*.json")):
        for name in json.loads(path.read_text("utf-8")):
            yield name, {"file": path.stem}


def build(folder):
    """File under rules/knowledge/ -> text."""
    load = lambda name: json.loads((folder / name).read_text("utf-8"))
    type_facts, arch_facts, task_facts = (load("model_types.json"), load("architectures.json"),
                                          load("tasks.json"))
    types = type_facts["model_types"]
    out = {}
    out["architectures.yaml"] = table("architectures", """
Every model class: the model_type of its configuration, the task its name stands for (none: it can't
be told), the name of its main input, and the key of the parent configuration under which its own
configuration sits.""", architecture_rows(arch_facts, types))
    out["auto_classes.yaml"] = table(
        "auto_classes", "Auto classes: a user may name one, none of them is a model class itself.",
        ((name, without_empty({"task": fact["task"]}))
         for name, fact in arch_facts["auto_classes"].items()))
    out["task_classes.yaml"] = table("task_classes", """
Task -> the Auto classes that serve it, in order: the first one that accepts the model type.
""", task_facts["task_to_auto_class_optimum"]["transformers"].items())
    out["model_types.yaml"] = table("model_types", """
Every model type. config_type: what its configuration class calls itself, where that differs;
standalone: a default configuration can be made of the name alone; base_class: the headless class;
sub_configs: key of config.json -> model type (or class) of the configuration below it.""",
                                    model_type_rows(type_facts), fold=True)
    out["model_type_classes.yaml"] = table("model_type_classes", """
The classes of every model type. auto_classes: which Auto class accepts the type, and what it gives;
other_classes: those that no Auto class leads to.""", model_class_rows(type_facts), fold=True)
    out["supported_tasks.yaml"] = table("supported_tasks", """
library/model type -> the tasks it can be exported for, in the order of their registration. The first
one is taken where a checkpoint says nothing of its task.""",
                                        ((k, f["tasks"]) for k, f in registrations(type_facts)))
    out["onnx_configs.yaml"] = table("onnx_configs", """
library/model type -> task -> the name of its export configuration.""", onnx_config_rows(type_facts))
    out["onnx_tensors.yaml"] = table("onnx_tensors", """
library/model type -> for which tasks, the inputs and outputs with their dynamic axes. "{i}" in a
tensor's name counts layers.""", onnx_tensor_rows(type_facts))
    out["config_defaults.yaml"] = table("config_defaults", """
Model type -> what its configuration class supplies where config.json is silent, and which attribute
is another name for which. Left out is what only training, generation or loading reads.
""", default_rows(load("config_defaults.json"), types), fold=True)
    out["timm_architectures.yaml"] = table(
        "timm_architectures", "timm architecture -> the model file that defines it.",
        timm_rows(folder / "timm"))
    labels = load("imagenet_labels.json")
    out["label_subsets.yaml"] = table(
        "label_subsets", "Number of classes -> the ImageNet subset that has as many, a row of `labels`.",
        ((count, {"subset": subset})
         for count, subset in labels["num_classes_to_subset"].items()))
    for subset, names in labels["subsets"].items():
        out[f"labels/{subset}.yaml"] = long_list(
            "labels", f"The labels of {subset} by class index. Labels repeat: never invert this.",
            subset, names)
    return {name: schema_line(name) + text for name, text in out.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("facts", type=pathlib.Path, metavar="FACTS_DIR")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    default = pathlib.Path(__file__).resolve().parent.parent / "rules" / "knowledge"
    parser.add_argument("-o", "--output", type=pathlib.Path, default=default)
    options = parser.parse_args()
    try:
        texts = build(options.facts)
    except (OSError, KeyError, json.JSONDecodeError) as fault:
        print(f"{options.facts}: not the facts this tool reads: {fault!r}", file=sys.stderr)
        return 1
    stale = [name for name, text in texts.items()
             if not (options.output / name).is_file()
             or (options.output / name).read_text("utf-8") != text]
    written = {path.relative_to(options.output).as_posix() for path in options.output.rglob("*.yaml")}
    stray = sorted(written - set(texts))
    if options.check:
        for name in stale:
            print(f"{name}: out of date")
        for name in stray:
            print(f"{name}: not written by this tool")
        return 3 if stale or stray else 0
    for name in stale:
        path = options.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[name], "utf-8")
    print(f"{len(stale)} of {len(texts)} tables written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
