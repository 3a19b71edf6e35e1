#!/usr/bin/python3
"""Exports timm checkpoints with PyTorch's own exporter, for comparison (bench/compare.py --torch).

  bench/torch_export.py OUT_DIR MODEL_DIR...     needs torch, timm and numpy in this Python

MODEL_DIR is a timm Hub folder: config.json with `architecture`, and model.safetensors (float32).
"""
import json, pathlib, struct, sys
import numpy as np
import timm
import torch


def state(file):
    raw = file.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    return {name: torch.from_numpy(np.frombuffer(raw, np.float32, int(np.prod(t["shape"])), 8 + length + t["data_offsets"][0])
                                   .reshape(t["shape"]).copy())
            for name, t in header.items() if name != "__metadata__"}


out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for folder in map(pathlib.Path, sys.argv[2:]):
    config = json.loads((folder / "config.json").read_text())
    model = timm.create_model(config["architecture"], num_classes=config["num_classes"]).eval()
    model.load_state_dict(state(folder / "model.safetensors"))
    image = torch.zeros(1, *config["pretrained_cfg"]["input_size"])
    torch.onnx.export(model, image, str(out / f"{folder.name}.onnx"), opset_version=17, input_names=["pixel_values"],
                      output_names=["logits"], dynamic_axes={"pixel_values": {0: "batch_size"}, "logits": {0: "batch_size"}})
