"""Writes a trained ViT as a Hugging Face folder, and checks that the folder gives what the run gives.

    python tools/zoo/export_vit.py --run DIR --out models/zoo/vit-shapes
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import ViTForImageClassification

from clip_model import IMAGE, MEAN, STD
from folder_files import load_rounded, report, save_folder
from vit_model import ZooVit


def write_preprocessor(folder: Path) -> None:
    config = {
        "image_processor_type": "ViTImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"height": IMAGE, "width": IMAGE},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN,
        "image_std": STD,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(config, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    zoo = ZooVit()
    counters = load_rounded(options.run, zoo)
    model = zoo.vit
    save_folder(model, options.out)
    write_preprocessor(options.out)
    torch.manual_seed(3)
    pixels = torch.randn(3, 3, IMAGE, IMAGE)
    again = ViTForImageClassification.from_pretrained(options.out, dtype=torch.float32).eval()
    with torch.no_grad():
        report(options.out, model, counters, (again(pixels).logits - model(pixels).logits).abs().max().item())


if __name__ == "__main__":
    main()
