"""Build configurations in small, with what the reader and the schema must both say of them.

Each is a whole configuration with some keys set, or taken out (DROP)."""

DROP = object()
VALID, INVALID = True, False

WHOLE = {
    "task": "image-classification", "optimum_task": "image-classification", "library": "timm",
    "model_type": "timm_wrapper", "recipe": "timm/resnet", "config": {"values": {}},
    "weights": "auto", "optimization": {"level": "basic"}, "precision": {"precision": "fp32"},
    "calibration": {"source": "random"}, "calibration_fallback": {"source": "random", "samples": 16},
}
SPEC = {"name": "x", "dtype": "float32", "dims": ["batch_size", 3, 0]}

CONFIGURATIONS = [
    (VALID, {}),
    *((INVALID, {key: DROP}) for key in WHOLE),
    *((INVALID, {key: 3}) for key in WHOLE),
    *((INVALID, {key: None}) for key in WHOLE if key != "recipe"),
    (VALID, {"recipe": None}),
    (INVALID, {"recipes": "timm/resnet"}),
    (VALID, {"$schema": "build-config.schema.json", "tool": "switchyard", "version": "1", "rules": "a"}),
    (INVALID, {"tool": "other"}),
    (VALID, {"rules_read": {"recipe a": "b"}}),
    (INVALID, {"rules_read": {"recipe a": 3}}),
    (VALID, {"model": None, "model_id": None, "onnx_config": None, "composite": None}),
    (VALID, {"model": "/m", "model_id": "a/b", "revision": "0123abc", "variant": "fp16", "composite": {"decoder": "text-generation"}}),
    (INVALID, {"model": 3}),
    (INVALID, {"composite": {"decoder": 3}}),
    (INVALID, {"composite": []}),
    (VALID, {"weight_files": None}),
    (VALID, {"weight_files": [{"file": "m", "bytes": 0, "header_sha256": "a", "sha256": "b"}]}),
    (INVALID, {"weight_files": [{"file": "m", "bytes": -1, "header_sha256": "a"}]}),
    (INVALID, {"weight_files": [{"file": "m", "bytes": 1}]}),
    (INVALID, {"weight_files": [{"file": "m", "bytes": 1, "header_sha256": "a", "size": 1}]}),
    (INVALID, {"weight_files": {}}),
    (VALID, {"inputs": [SPEC, {"name": "y", "dtype": None, "dims": None}, {"name": "z"}]}),
    (INVALID, {"inputs": [{"dims": [1]}]}),
    (INVALID, {"inputs": [{"name": "x", "dims": [1.5]}]}),
    (INVALID, {"inputs": [{"name": "x", "dims": [-1]}]}),
    (INVALID, {"outputs": [{"name": "x", "dims": [None]}]}),
    (INVALID, {"outputs": [{"name": "x", "shape": [1]}]}),
    (INVALID, {"outputs": {}}),
    (VALID, {"warnings": ["a"]}),
    (INVALID, {"warnings": [1]}),
    (VALID, {"axes": {"height": 480, "batch_size": "n", "width": None}}),
    (INVALID, {"axes": {"height": 0}}),
    (INVALID, {"axes": {"height": 1.5}}),
    (INVALID, {"axes": {"height": "a b"}}),
    (INVALID, {"axes": {"a b": 1}}),
    (INVALID, {"axes": {"2": 1}}),
    (INVALID, {"axes": []}),
    (VALID, {"part": "encoder", "options": {"do_pooling": False, "output_hidden_states": True}}),
    (VALID, {"part": None, "options": {}}),
    (INVALID, {"part": 1}),
    (INVALID, {"options": {"do_pooling": 1}}),
    (INVALID, {"options": {"pooling": True}}),
    (INVALID, {"options": []}),
    (VALID, {"config": {"values": {"a": {"b": [1, None]}}, "part": "text_config", "sha256": "a"}}),
    (INVALID, {"config": {"part": None}}),
    (INVALID, {"config": {"values": []}}),
    (INVALID, {"config": {"values": {}, "parts": None}}),
    *((VALID, {"weights": mode}) for mode in ("auto", "reference", "embed", "external")),
    (INVALID, {"weights": "referenced"}),
    (INVALID, {"optimization": {"level": "most"}}),
    (INVALID, {"optimization": {}}),
    (INVALID, {"optimization": {"level": "all", "passes": 2}}),
    (VALID, {"precision": {"precision": "int8", "weight": "int8", "per_channel": True, "activation": "int8",
                           "method": "minmax", "op_types": ["Conv"], "keep_float": {"op_types": [], "nodes": ["a.*"]}}}),
    (INVALID, {"precision": {"precision": "int4"}}),
    (INVALID, {"precision": {"weight": "int8"}}),
    (INVALID, {"precision": {"precision": "int8", "per_channel": 1}}),
    (INVALID, {"precision": {"precision": "int8", "activation": "int16"}}),
    (INVALID, {"precision": {"precision": "int8", "keep_float": {"node": []}}}),
    (INVALID, {"precision": {"precision": "int8", "keep_float": {"nodes": "a"}}}),
    (INVALID, {"precision": {"precision": "int8", "op_types": [1]}}),
    (VALID, {"calibration": {"source": "image-folder", "samples": 1, "path": "/d"}}),
    (INVALID, {"calibration": {"source": "images"}}),
    (INVALID, {"calibration": {"source": "random", "samples": 0}}),
    (INVALID, {"calibration": {"source": "random", "samples": "many"}}),
    (INVALID, {"calibration_fallback": {"samples": 3}}),
    (INVALID, {"calibration_fallback": {"source": "random", "sample": 3}}),
    (VALID, {"decisions": [{"name": "a", "value": {"b": 1}, "rule": None, "place": "x:1:2", "source": None}]}),
    (INVALID, {"decisions": [{"value": 1}]}),
    (INVALID, {"decisions": [{"name": "a", "rule": 3}]}),
    (INVALID, {"decisions": [{"name": "a", "why": "b"}]}),
    (INVALID, {"decisions": {}}),
]


def configuration(changes):
    whole = {**WHOLE, **changes}
    return {key: value for key, value in whole.items() if value is not DROP}
