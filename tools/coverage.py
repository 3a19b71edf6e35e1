#!/usr/bin/python3
"""Writes docs/coverage.md: how many reference cards each family's recipe passes.

  tools/coverage.py ../shared [--switchyard PROGRAM] [--jobs N] > docs/coverage.md

The cards and their checker (tools/cards.py) lie in the material beside the project. A card is a model's
config, its tensors' names and shapes, inputs, and the outputs that PyTorch computed on procedural
weights; it passes when the exported graph gives these numbers in ONNX Runtime at the checker's default
tolerance. Needs python3-numpy and node; ONNX Runtime for node is taken from .deps.
"""
import argparse, collections, json, os, pathlib, re, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE = re.compile(r"^(ok|FAIL)\s+(\S+)\s+\d+ ms\s*(.*)$")


def check(shared, folder, program, jobs):
    """One (id, passed, fault) for each card of the folder."""
    export = f"{program} export -m {{model}} -o {{out}} -t {{task}} {{submodel}} --weights reference --overwrite -q"
    environment = dict(os.environ, NODE_PATH=str(ROOT / ".deps/onnxruntime/node_modules"))
    parts = [subprocess.Popen(
        [sys.executable, str(shared / "tools/cards.py"), "check", "-v", "--part", f"{k + 1}/{jobs}",
         "--export", export, str(shared / "cards" / folder)],
        stdout=subprocess.PIPE, text=True, env=environment) for k in range(jobs)]
    rows = []
    for part in parts:
        for line in part.communicate()[0].splitlines():
            if found := LINE.match(line):
                rows.append((found[2], found[1] == "ok", found[3]))
    return rows


def families(shared, folder):
    cards = (json.loads(p.read_text()) for p in (shared / "cards" / folder).rglob("*.json"))
    return {card["id"]: card.get("family", "?") for card in cards}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("--switchyard", default=str(ROOT / "build/release/tools/switchyard/switchyard"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    print("# Coverage\n\nReference cards that pass, by family; "
          "written by `tools/coverage.py ../shared > docs/coverage.md`.\n")
    summary, tables, failures = [], [], []
    for folder in ("timm", "timm_wrapper", "hf"):
        of = families(arguments.shared, folder)
        rows = check(arguments.shared, folder, arguments.switchyard, arguments.jobs)
        passed, total = collections.Counter(), collections.Counter()
        for card, ok, fault in rows:
            total[of[card]] += 1
            passed[of[card]] += ok
            if not ok:
                failures.append((card, fault.replace("|", "\\|")))
        share = 100 * sum(passed.values()) / max(1, sum(total.values()))
        summary.append(f"| {folder} | {sum(passed.values())} | {sum(total.values())} | {share:.1f} % |")
        tables.append(f"\n## {folder}\n\n| family | passed | cards |\n|---|---:|---:|")
        tables += [f"| {name} | {passed[name]} | {total[name]} |" for name in sorted(total)]
    print("| folder | passed | cards | share |\n|---|---:|---:|---:|")
    print("\n".join(summary + tables))
    print("\n## Cards that do not pass\n\n| card | why |\n|---|---|")
    for card, fault in sorted(failures):
        print(f"| {card} | {fault} |")


if __name__ == "__main__":
    main()
