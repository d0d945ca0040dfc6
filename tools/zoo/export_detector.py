"""Writes the trained detector as an ONNX folder and checks it against PyTorch.

    python tools/zoo/export_detector.py --weights FILE.pt --out models/zoo/detect-shapes
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from detector_model import IMAGE, MEAN, STD, Detector, Rows
from onnx_files import write_onnx

SHAPES = ["circle", "square", "triangle", "star", "heart", "cross", "crescent", "ring", "diamond", "arrow"]
TOLERANCE = 1e-3

CONFIG = {
    "model_type": "weft-detector",
    "image_size": IMAGE,
    "num_channels": 3,
    "id2label": {str(i): name for i, name in enumerate(SHAPES)},
    "label2id": {name: i for i, name in enumerate(SHAPES)},
    "weft_detection": {
        "box": "cxcywh",
        "normalized": False,
        "objectness": True,
        "activation": "none",
        "input_size": [IMAGE, IMAGE],
    },
    "output_format": "detections: float32 [batch, 256, 15]. One row a cell of the 16 x 16 grid: centre x, centre y, width, height "
    "in pixels of the 128 x 128 input, objectness, then 10 class probabilities in the order of id2label. Decoded in the "
    "graph; what is left is score = objectness * best class, a threshold and non-maximum suppression.",
}

PREPROCESSOR = {
    "image_processor_type": "ViTImageProcessor",
    "do_convert_rgb": True,
    "do_resize": True,
    "size": {"height": IMAGE, "width": IMAGE},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": MEAN,
    "image_std": STD,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    state = torch.load(options.weights)
    detector = Detector(len(SHAPES))
    detector.load_state_dict(state["model"])
    rows = Rows(detector).eval()
    example = torch.randn(2, 3, IMAGE, IMAGE)
    path = options.out / "model.onnx"
    with torch.no_grad():
        write_onnx(rows, example, "pixel_values", "detections", {0: "batch"}, path)
        wanted = rows(example).numpy()
    given = onnxruntime.InferenceSession(path).run(None, {"pixel_values": example.numpy()})[0]
    # F16 weights move box pixels and probabilities alike; compare on the scale of each.
    scale = np.array([IMAGE] * 4 + [1] * (1 + len(SHAPES)))
    difference = float(np.abs((given - wanted) / scale).max())
    if not difference <= 5 * TOLERANCE:
        raise SystemExit(f"model.onnx differs by {difference} of the scale, more than {5 * TOLERANCE}")
    (options.out / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    (options.out / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    counters = {key: value for key, value in state.items() if key != "model"}
    print(json.dumps({"counters": counters, "difference": difference, "bytes": path.stat().st_size}))


if __name__ == "__main__":
    main()
