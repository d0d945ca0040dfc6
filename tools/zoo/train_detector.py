"""Trains the detector of drawn objects within a time budget.

    python tools/zoo/train_detector.py --data DIR --val DIR --out FILE.pt --minutes 8

Must not export (export_detector.py).
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from detector_model import GRID, IMAGE, MEAN, STD, STRIDE, Detector, Rows, decode_boxes
from detector_scores import average_precision, detections, to_corners
from world_data import Words, World

CLASSES = 10


def pictures(pixels: np.ndarray) -> torch.Tensor:
    x = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float().div_(255)
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


def spoil(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Brightness, contrast and sharpness changes on normalised pictures."""
    draw = lambda low, high: torch.rand(x.shape[0], 1, 1, 1, generator=generator) * (high - low) + low
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return (x + draw(-0.3, 0.5) * (blurred - x)) * draw(0.9, 1.1) + draw(-0.15, 0.15)


def targets(world: World, rows: np.ndarray):
    """Centre cells of objects and cells beside them that are neither object nor background.

    -> picture, row, column, box [n, 4] (cx, cy, w, h in pixels), label; ignore bool [b, 16, 16]
    """
    boxes, labels = world.boxes[rows], world.objects[rows, :, 0]
    picture, slot = np.nonzero(labels >= 0)
    box = boxes[picture, slot] * IMAGE
    centre = box[:, :2] + box[:, 2:] / 2
    cell = np.minimum((centre / STRIDE).astype(int), GRID - 1)
    ignore = np.zeros((len(rows), GRID, GRID), dtype=bool)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            y, x = np.clip(cell[:, 1] + dy, 0, GRID - 1), np.clip(cell[:, 0] + dx, 0, GRID - 1)
            ignore[picture, y, x] = True
    whole = np.concatenate([centre, box[:, 2:]], 1).astype(np.float32)
    return picture, cell[:, 1], cell[:, 0], torch.from_numpy(whole), torch.from_numpy(labels[picture, slot].astype(np.int64)), torch.from_numpy(ignore)  # fmt: skip


def box_loss(guess: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """1 - generalised IoU (Rezatofighi et al. 2019, equation 4) plus a scaled L1, mean over boxes."""
    low = lambda b: b[:, :2] - b[:, 2:] / 2
    high = lambda b: b[:, :2] + b[:, 2:] / 2
    shared = (torch.minimum(high(guess), high(truth)) - torch.maximum(low(guess), low(truth))).clamp(min=0).prod(1)
    union = guess[:, 2:].prod(1) + truth[:, 2:].prod(1) - shared
    hull = (torch.maximum(high(guess), high(truth)) - torch.minimum(low(guess), low(truth))).prod(1)
    generalised = shared / union - (hull - union) / hull
    return (1 - generalised).mean() + (guess - truth).abs().mean() / STRIDE


def loss_of(model: Detector, world: World, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
    picture, y, x, box, label, ignore = targets(world, rows)
    raw = model(spoil(pictures(world.pixels[rows]), generator)).float()
    wanted = torch.zeros_like(raw[:, 4])
    wanted[picture, y, x] = 1
    weight = (~ignore | (wanted == 1)).float()
    objectness = F.binary_cross_entropy_with_logits(raw[:, 4], wanted, weight, reduction="sum") / len(label)
    there = raw[picture, :, y, x]
    boxes = decode_boxes(raw[:, :4])[picture, :, y, x]
    return objectness + F.cross_entropy(there[:, 5:], label) + box_loss(boxes, box)


@torch.no_grad()
def evaluate(model: Detector, world: World) -> dict:
    rows_of = Rows(model).eval()
    rows = torch.cat([rows_of(pictures(world.pixels[at : at + 100])) for at in range(0, world.count, 100)]).numpy()
    model.train()
    truth = [
        (to_corners(np.concatenate([b[:, :2] + b[:, 2:] / 2, b[:, 2:]], 1) * IMAGE), o[:, 0])
        for b, o in ((world.boxes[i][world.objects[i, :, 0] >= 0], world.objects[i][world.objects[i, :, 0] >= 0]) for i in range(world.count))
    ]  # fmt: skip
    mean, _ = average_precision([detections(r) for r in rows], truth, CLASSES)
    return {"ap50": round(mean, 4)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    world, val = World(Path(options.data), IMAGE, Words()), World(Path(options.val), IMAGE, Words(), limit=300)
    model = Detector(CLASSES).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01, fused=True)
    random, generator = np.random.default_rng(options.seed), torch.Generator().manual_seed(options.seed)
    log = Path(options.out).with_suffix(".jsonl").open("a")
    begun = reported = time.time()
    step, total, since = 0, 0.0, 0
    while (progress := (time.time() - begun) / (options.minutes * 60)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * (0.02 + 0.49 * (1 + math.cos(math.pi * progress)))
        rows = np.sort(random.choice(world.count, options.batch, replace=False))
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(model, world, rows, generator)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        step, total, since = step + 1, total + loss.item(), since + 1
        if time.time() - reported > 45:
            line = {"minutes": round((time.time() - begun) / 60, 2), "step": step, "seen": step * options.batch, "loss": round(total / since, 4)}  # fmt: skip
            line |= evaluate(model, val)
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
            reported, total, since = time.time(), 0.0, 0
            torch.save({"model": model.state_dict(), **line}, options.out)
    line = {"minutes": options.minutes, "step": step, "seen": step * options.batch} | evaluate(model, val)
    print(json.dumps(line), flush=True)
    log.write(json.dumps(line) + "\n")
    torch.save({"model": model.state_dict(), **line}, options.out)


if __name__ == "__main__":
    main()
