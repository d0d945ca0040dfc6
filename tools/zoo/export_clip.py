"""Writes a trained checkpoint as a Hugging Face folder with ONNX towers, and checks both against PyTorch.

    python tools/zoo/export_clip.py --run DIR --out models/zoo/clip-shapes
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer
from transformers import CLIPModel

from clip_model import IMAGE, MEAN, STD, ZooClip, make_config
from clip_tokenizer import CONTEXT, END, START
from clip_towers import ImageTower, TextTower
from onnx_files import write_onnx

TOLERANCE = 1e-3


def load_run(folder: Path) -> tuple[CLIPModel, dict]:
    """The CLIPModel of a training run, its weights rounded to F16, and the run's counters."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    config = make_config(
        tokenizer.get_vocab_size(), tokenizer.token_to_id(START), tokenizer.token_to_id(END), CONTEXT
    )
    model = ZooClip(config)
    state = torch.load(folder / "checkpoint.pt")
    model.load_state_dict(state["model"])
    with torch.no_grad():
        for value in model.clip.parameters():
            value.copy_(value.half().float())
    return model.clip.eval(), {key: state[key] for key in ("step", "seen", "spent")}


def write_preprocessor(folder: Path) -> None:
    config = {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"shortest_edge": IMAGE},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": IMAGE, "width": IMAGE},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN,
        "image_std": STD,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(config, indent=2) + "\n")


def check(folder: Path, clip: CLIPModel) -> dict[str, float]:
    """Greatest difference of ONNX Runtime and of the reloaded folder from the model, on random input."""
    torch.manual_seed(3)
    end = clip.config.text_config.eos_token_id
    pixels = torch.randn(5, 3, IMAGE, IMAGE)
    ids = torch.randint(0, end - 1, (4, 23))
    ids[0, 7], ids[1, 22], ids[2, 3], ids[3, 15:] = end, end, end, end
    reloaded = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        wanted = clip(input_ids=ids[:, :], pixel_values=pixels)
        again = reloaded(input_ids=ids, pixel_values=pixels)
        image = clip.visual_projection(clip.vision_model(pixel_values=pixels).pooler_output).numpy()
        text = clip.text_projection(clip.text_model(input_ids=ids).pooler_output).numpy()
    run = lambda name, feed: onnxruntime.InferenceSession(folder / "onnx" / f"{name}.onnx").run(None, feed)[0]
    differences = {
        "onnx_image": float(np.abs(run("vision_model", {"pixel_values": pixels.numpy()}) - image).max()),
        "onnx_text": float(np.abs(run("text_model", {"input_ids": ids.numpy()}) - text).max()),
        "reload_logits": float((wanted.logits_per_image - again.logits_per_image).abs().max()),
    }
    for name, value in differences.items():
        if not value <= TOLERANCE:
            raise SystemExit(f"{name} differs by {value}, more than {TOLERANCE}")
    return differences


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    clip, counters = load_run(options.run)
    options.out.mkdir(parents=True, exist_ok=True)
    clip.half().save_pretrained(options.out)
    (options.out / "model.safetensors").chmod(0o644)
    clip.float()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(options.run / name, options.out / name)
    write_preprocessor(options.out)
    with torch.no_grad():
        write_onnx(ImageTower(clip), torch.randn(2, 3, IMAGE, IMAGE), "pixel_values", "image_embeds", {0: "batch"}, options.out / "onnx" / "vision_model.onnx")  # fmt: skip
        end = clip.config.text_config.eos_token_id
        example = torch.tensor([[1, 5, end, end, end], [1, 2, 3, 4, end]])
        write_onnx(TextTower(clip), example, "input_ids", "text_embeds", {0: "batch", 1: "sequence"}, options.out / "onnx" / "text_model.onnx")  # fmt: skip
    sizes = {str(p.relative_to(options.out)): p.stat().st_size for p in sorted(options.out.rglob("*")) if p.is_file()}
    print(json.dumps({"counters": counters, "differences": check(options.out, clip), "bytes": sum(sizes.values()), "files": sizes}))  # fmt: skip


if __name__ == "__main__":
    main()
