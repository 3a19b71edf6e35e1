"""Compares the JSON Schemas of rule files and build configurations with what reads these, through
schema_probe.

    schema_test.py PROBE SOURCE_DIR
"""
import json
import pathlib
import subprocess
import sys

try:
    from jsonschema import Draft7Validator, RefResolver
except ImportError:
    sys.exit("python3-jsonschema is missing: run tools/setup.sh")

from configurations import CONFIGURATIONS, configuration
from snippets import CASES, SNIPPETS, VALID

PROBE, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
SCHEMAS = {path.name: json.loads(path.read_text("utf-8"))
           for path in (ROOT / "rules/schema").glob("*.json")}
FAILURES = []


def expect(truth, message):
    if not truth:
        FAILURES.append(message)


def validator(name):
    # References between the files are relative names.
    store = {key: schema for key, schema in SCHEMAS.items()}
    return Draft7Validator(SCHEMAS[name], resolver=RefResolver("", SCHEMAS[name], store=store))


def probe(*arguments, lines=()):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([PROBE, *map(str, arguments)], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"schema_probe {arguments[0]}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_schemas():
    expect(len(SCHEMAS) == 7, f"seven schemas, not {sorted(SCHEMAS)}")
    for name, schema in SCHEMAS.items():
        Draft7Validator.check_schema(schema)
        expect(schema.get("title") and schema.get("description"), f"{name}: no title or description")
        check_descriptions(name, schema)


def check_descriptions(name, schema):
    """Every key that an editor may offer says what it is for."""
    if isinstance(schema, list):
        for part in schema:
            check_descriptions(name, part)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object":
        for key, part in schema.get("properties", {}).items():
            said = "description" in part or any("description" in SCHEMAS[name]["definitions"].get(
                ref, {}) for ref in [part.get("$ref", "").rsplit("/", 1)[-1]] if ref)
            inner = key in ("task", "model_type", "model_class", "library", "pipeline_tag", "when",
                            "text", "do", "then", "else", "key", "fact")
            expect(said or inner, f"{name}: {key} has no description")
    for part in schema.values():
        check_descriptions(name, part)


def check_words():
    words, = probe("words")
    decision, recipe = SCHEMAS["decision.schema.json"], SCHEMAS["recipe.schema.json"]
    library, knowledge = SCHEMAS["blocks_library.schema.json"], SCHEMAS["knowledge.schema.json"]
    defs = decision["definitions"]
    properties = recipe["properties"]
    declared = next(part for part in defs["declaration"]["anyOf"] if part["type"] == "object")
    warning = next(part for part in defs["warning"]["anyOf"] if "properties" in part)
    in_schema = {
        "decision": decision["properties"],
        "rule": defs["rule"]["properties"],
        "hit_policy": decision["properties"]["hit_policy"]["enum"],
        "declaration": declared["properties"],
        "keys_of": defs["keys_of"]["properties"],
        "operators": defs["operators"]["properties"],
        "forms": defs["reference"]["properties"],
        "lookup": defs["lookup"]["properties"],
        "warning": warning["properties"],
        "knowledge": knowledge["properties"],
        "recipe": properties,
        "blocks_library": library["properties"],
        "input": recipe["definitions"]["inputs"]["additionalProperties"]["properties"],
        "part": properties["parts"]["additionalProperties"]["properties"],
        "variants": properties["variants"]["properties"],
        "head": recipe["definitions"]["heads"]["additionalProperties"]["properties"],
    }
    statements = words.pop("statements")
    expect(sorted(words) == sorted(in_schema), f"words: {sorted(words)} and {sorted(in_schema)}")
    for name, known in in_schema.items():
        expect(sorted(known) == sorted(words[name]),
               f"{name}: the schema has {sorted(known)}, the parser {sorted(words[name])}")
    for part in (recipe, library):
        forms = [sorted(form["properties"]) for form in part["definitions"]["statement"]["anyOf"]
                 if "properties" in form]
        expect(sorted(forms) == sorted(map(sorted, statements)), f"statements: {forms}")
    expect(sorted(SCHEMAS["rule-file.schema.json"]["properties"]) ==
           ["blocks_library", "decision", "knowledge", "recipe"], "the kinds of rule files")


def check_shipped_files():
    files = sorted(ROOT.glob("rules/**/*.yaml")) + sorted(ROOT.glob("examples/**/*.yaml"))
    documents = probe("dump", *files)
    expect(len(documents) >= len(files) > 40, f"{len(documents)} documents in {len(files)} files")
    umbrella = validator("rule-file.schema.json")
    for document in documents:
        kind = validator(document["kind"] + ".schema.json")
        for check in (umbrella, kind):
            for error in check.iter_errors(document["value"]):
                expect(False, f"{document['file']}: {list(error.absolute_path)}: {error.message[:200]}")
    # Small examples may go without; the shipped rules help every editor.
    for path in sorted(ROOT.glob("rules/**/*.yaml")):
        first = path.read_text("utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        expect(first.startswith(prefix) and (path.parent / first[len(prefix):]).is_file(),
               f"{path}: the first line names no schema: {first}")


def check_snippets():
    expect(len(SNIPPETS) >= 60, f"only {len(SNIPPETS)} snippets")
    answers = probe("verdict", lines=[{"text": text} for _, text in SNIPPETS])
    umbrella = validator("rule-file.schema.json")
    for (wanted, text), answer in zip(SNIPPETS, answers):
        error = next(umbrella.iter_errors(answer["value"]), None)
        expect((answer["error"] is None) == wanted, f"the parser says {answer['error']} of\n{text}")
        expect((error is None) == wanted,
               f"the schema says {error and error.message[:300]} of\n{text}")


def check_cases():
    golden = validator("golden-case.schema.json")
    for wanted, case in CASES:
        expect(golden.is_valid(case) == (wanted == VALID), f"golden case {case}")
    lines = [line for path in sorted(ROOT.glob("tests/golden/rules/*.jsonl"))
             for line in path.read_text("utf-8").splitlines() if line.strip()]
    expect(len(lines) > 20, "the golden files")
    for line in lines:
        for error in golden.iter_errors(json.loads(line)):
            expect(False, f"{error.message[:200]}: {line[:80]}")


def check_configurations():
    """What the reader takes is what the schema takes."""
    schema = validator("build-config.schema.json")
    texts = [json.dumps(configuration(changes)) for _, changes in CONFIGURATIONS]
    answers = probe("configuration", lines=[{"text": text} for text in texts])
    for (wanted, changes), text, answer in zip(CONFIGURATIONS, texts, answers):
        expect((answer["error"] is None) == wanted, f"the reader says {answer['error']} of {text}")
        expect(schema.is_valid(json.loads(text)) == wanted, f"the schema, of {text}")


def check_written_configurations():
    """What `config` prints is valid, and reads back as it was written."""
    requests = [json.loads(line) for line in
                (ROOT / "tests/data/resolution_sample.jsonl").read_text("utf-8").splitlines()]
    requests = [request for request in requests if "error" not in request.get("expect", {})]
    answers = probe("configure", lines=requests)
    schema = validator("build-config.schema.json")
    written = 0
    for request, answer in zip(requests, answers):
        if answer["refused"] is not None:
            continue
        written += 1
        expect(answer["error"] is None, f"{request['id']}: the reader says {answer['error']}")
        expect(answer["again"] == answer["value"], f"{request['id']}: reads back as something else")
        for error in schema.iter_errors(answer["value"]):
            expect(False, f"{request['id']}: {list(error.absolute_path)}: {error.message[:200]}")
    expect(written > 100, f"only {written} configurations")


for check in (check_schemas, check_words, check_shipped_files, check_snippets, check_cases,
              check_configurations, check_written_configurations):
    check()
for failure in FAILURES:
    print(failure)
print(f"{len(SNIPPETS)} snippets, {len(FAILURES)} failures")
sys.exit(1 if FAILURES else 0)
