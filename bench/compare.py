#!/usr/bin/python3
"""Side-by-side measurements of the program, as Markdown tables (docs/benchmarks.md holds a run).

  bench/compare.py --program build/release/tools/switchyard/switchyard MODEL_DIR... [--torch DIR]

Wall time and peak resident memory of whole processes, medians of interleaved runs, so that a noisy
machine disturbs both sides alike:
  inspect               beside /bin/true
  export reference      beside cp of the weights (what it avoids)
  export embed          beside cp of the weights (what it cannot beat by much)
  build                 the whole pipeline, random calibration data
With --torch DIR, DIR/<model>.onnx are the graphs that PyTorch's own exporter made of the same checkpoints
(bench/torch_export.py makes them): `switchyard perf` compares ONNX Runtime's latency in interleaved pairs.
"""
import argparse, json, os, pathlib, shutil, statistics, subprocess, sys, tempfile, time


def once(command):
    """Seconds and peak resident KiB of one process; its output must not matter."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {os.waitstatus_to_exitcode(status)}\n{error.decode()}")
    return seconds, usage.ru_maxrss


def interleaved(commands, rounds):
    """Median (seconds, KiB) for each command, run in turn `rounds` times after one warm-up."""
    samples = [[] for _ in commands]
    for turn in range(rounds + 1):
        for command, mine in zip(commands, samples):
            result = once(command() if callable(command) else command)
            if turn:
                mine.append(result)
    return [(statistics.median(s for s, _ in mine), statistics.median(k for _, k in mine)) for mine in samples]


def ms(seconds):
    return f"{seconds * 1e3:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"


def mib(kib):
    return f"{kib / 1024:.0f} MiB"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--torch", type=pathlib.Path)
    p.add_argument("--rounds", type=int, default=11)
    p.add_argument("--build-rounds", type=int, default=1)
    p.add_argument("models", nargs="+", type=pathlib.Path)
    a = p.parse_args()
    program = str(pathlib.Path(a.program).resolve())
    print("| model | weights | /bin/true | inspect | ratio | peak |\n|---|---|---|---|---|---|")
    for m in a.models:
        (true, _), (ours, peak) = interleaved([["/bin/true"], [program, "inspect", "-m", m, "-q"]], a.rounds * 2)
        size = (m / "model.safetensors").stat().st_size
        print(f"| {m.name} | {size / 2**20:.0f} MiB | {ms(true)} | {ms(ours)} | {ours / true:.2f} | {mib(peak)} |")
    print("\n| model | cp | export reference | peak | export embed | peak | embed / cp | build | peak |\n"
          "|---|---|---|---|---|---|---|---|---|")
    for m in a.models:
        # Beside the checkpoint, so that a hard link is possible, as it is for a user.
        with tempfile.TemporaryDirectory(dir=m.parent) as work:
            work = pathlib.Path(work)
            weights = m / "model.safetensors"
            fresh = iter(range(10**6))
            export = lambda mode: lambda: [program, "export", "-m", m, "-o", work / f"{mode}{next(fresh)}", "--weights", mode, "-q"]
            def copy():
                for old in work.iterdir():
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
                return ["cp", weights, work / "copy"]
            (cp, _), (ref, ref_peak), (emb, emb_peak) = interleaved([copy, export("reference"), export("embed")], a.rounds)
            (whole, whole_peak), = interleaved([lambda: [program, "build", "-m", m, "-o", work / f"b{next(fresh)}", "-q"]], a.build_rounds)
        print(f"| {m.name} | {ms(cp)} | {ms(ref)} | {mib(ref_peak)} | {ms(emb)} | {mib(emb_peak)} | {emb / cp:.2f} | {ms(whole)} | {mib(whole_peak)} |")
    if a.torch:
        print("\n| model | latency, ours / PyTorch's exporter's (median of interleaved pairs) |\n|---|---|")
        for m in a.models:
            other = a.torch / f"{m.name}.onnx"
            with tempfile.TemporaryDirectory(dir=m.parent) as work:
                ours = pathlib.Path(work) / "model.onnx"
                once([program, "export", "-m", m, "-o", ours, "-q"])
                reply = subprocess.run([program, "perf", ours, other, "-f", "json", "-q"], capture_output=True, text=True)
            if reply.returncode != 0:
                sys.exit(reply.stderr)
            print(f"| {m.name} | {json.loads(reply.stdout)['ratio']:.3f} |")


if __name__ == "__main__":
    main()
