"""Trains the zoo's ViT to name what is drawn, from packed scenes, within a time budget; resumable. It never sees a text.

    python tools/zoo/train_vit.py --data DIR --val DIR --out DIR --minutes 20

Must not export (export_vit.py).
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from clip_batch import Batcher, normalise, opposites
from clip_loss import dense, patch_accuracy, slot_loss
from clip_model import GRID, IMAGE
from training_run import Run, fit
from vit_model import LABELS, ZooVit
from world_data import Words, World


def covered_first(patches: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    """int64 [b, count]: patches in random order, those of objects before those of the background."""
    order = torch.rand(patches.shape[:2], generator=generator) + (patches[..., 0] > 0)
    return order.argsort(1, descending=True)[:, :count]


def losses(model: ZooVit, batcher: Batcher, rows: np.ndarray, pixels: torch.Tensor, count: int) -> tuple[torch.Tensor, dict]:  # fmt: skip
    """The labels of the picture; beside it, as for clip-shapes, what covers each patch and what binds attributes."""
    patches, contents = batcher.patch_targets(rows), batcher.picture_targets(rows)
    kept = None
    if count < patches.shape[1]:
        kept = covered_first(patches, count, batcher.generator)
        patches = patches.gather(1, kept[:, :, None].expand(-1, -1, patches.shape[2]))
    with torch.autocast("cpu", torch.bfloat16):
        logits, heads = model(pixels, kept)
    patch, _ = dense(heads["patch"], patches, heads["picture"], contents)
    wanted = contents[:, : len(LABELS)]
    labels = F.binary_cross_entropy_with_logits(logits, wanted) * 20
    slots = slot_loss(heads["slots"], *batcher.objects(rows))
    single = wanted.sum(1) == 1
    right = (logits.argmax(1) == wanted.argmax(1))[single].float().mean()
    names = ("shape", "colour", "size", "texture")
    known = dict(zip(names, map(torch.tensor, patch_accuracy(heads["patch"], patches))))
    parts = {"labels": labels.detach(), "patch": patch.detach(), "slots": slots.detach(), "single": right}
    return labels + 1.5 * patch + 0.15 * slots, parts | known


def by_area(world: World) -> np.ndarray:
    """How often each scene is drawn: by the mean area of its objects, whose outlines then cover more patches, and seldom
    with many of them."""
    there = world.objects[..., 0] >= 0
    areas = (world.boxes[..., 2] * world.boxes[..., 3] * there).sum(1) / there.sum(1) ** 2
    return areas / areas.sum()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--hold", type=float, default=0.5, help="share of the time before the rate falls")
    parser.add_argument("--patches", type=int, default=GRID * GRID, help="how many a picture, objects' first: few are fast to begin with")
    parser.add_argument("--seed", type=int, default=29)
    return parser.parse_args()


def main() -> None:
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    words = Words()
    world, val = World(options.data, IMAGE, words), World(options.val, IMAGE, words, limit=500)
    # Of a batcher only the pictures and their truth are used here, not its captions.
    batcher, val_batcher = (Batcher(one, [], 0, 0, opposites(words.texts), options.seed) for one in (world, val))
    model = ZooVit()
    model.begin_white(batcher.pixels(np.arange(1000)))
    shares = by_area(world)

    def losses_of(random: np.random.Generator) -> tuple[torch.Tensor, dict]:
        rows = np.sort(random.choice(world.count, options.batch, replace=False, p=shares))
        return losses(model, batcher, rows, batcher.pixels(rows), options.patches)

    def measure() -> dict:
        values = []
        for at in range(0, val.count, 100):
            rows = np.arange(at, min(at + 100, val.count))
            pixels = torch.from_numpy(np.array(val.pixels[rows])).permute(0, 3, 1, 2).float() / 255
            values.append(losses(model, val_batcher, rows, normalise(pixels), GRID * GRID)[1])
        return {name: round(torch.stack([value[name] for value in values]).mean().item(), 4) for name in values[0]}

    fit(Run(options.out, options.minutes, options.batch, options.rate, options.hold, options.seed), model, losses_of, measure)


if __name__ == "__main__":
    main()
