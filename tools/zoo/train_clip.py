"""Trains the zoo's CLIP on packed drawn scenes within a time budget; resumable.

    python tools/zoo/train_clip.py --data DIR [DIR ...] --val DIR --out DIR --minutes 60

Must not export (export_clip.py).
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from clip_batch import Batcher, normalise
from clip_loss import contrastive, dense
from clip_model import ZooClip, make_config
from clip_scores import score, text_plan
from clip_tokenizer import CONTEXT, END, START, save_tokenizer, train_tokenizer
from world_data import Words, World, pad_texts


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--alone", type=float, default=0.1, help="share of the time in which only the image tower learns")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--cut", type=float, default=0.25, help="share of captions cut short")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def word_text(words: Words, indices: list[int]) -> str:
    return " ".join(words.texts[i] for i in indices)


@torch.no_grad()
def embed(model: ZooClip, world: World, texts: list[list[int]], table, start: int, end: int):
    """Unit embeddings of a world's pictures and of texts, as numpy."""
    model.eval()
    images, out = [], []
    with torch.autocast("cpu", torch.bfloat16):
        for at in range(0, world.count, 250):
            x = torch.from_numpy(np.ascontiguousarray(world.pixels[at : at + 250])).permute(0, 3, 1, 2).float() / 255
            images.append(model.images(normalise(x))[0])
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), 1000):
            out.append(model.texts(pad_texts([texts[i] for i in order[at : at + 1000]], table, start, end, CONTEXT)))
    model.train()
    unsorted = np.empty((len(texts), out[0].shape[1]), dtype=np.float32)
    unsorted[order] = torch.cat(out).numpy()
    return torch.cat(images).numpy(), unsorted


class Clock:
    """Training time over all sessions, in seconds."""

    def __init__(self, spent: float, budget: float) -> None:
        self.begun, self.spent, self.budget, self.paused = time.time(), spent, budget, 0.0

    def elapsed(self) -> float:
        return self.spent + time.time() - self.begun - self.paused

    def progress(self) -> float:
        return min(1.0, self.elapsed() / self.budget)


def text_loss(model: ZooClip, batcher: Batcher, rows: np.ndarray, images: torch.Tensor, share: float) -> dict:
    """Contrastive losses of the close and the part captions; texts run in two groups so that short ones stay short."""
    world = batcher.world
    scale = model.clip.logit_scale.clamp(max=math.log(100)).exp()
    losses = {}
    for name, source in (("close", world.close), ("part", world.part)):
        group = batcher.group([source[i] for i in rows], rows, share)
        losses[name] = contrastive(images, model.texts(group.ids), group, scale)
    return losses


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    words = Words()
    worlds = [World(folder, 64, words) for folder in options.data]
    val = World(options.val, 64, words, limit=500)
    texts, plan = text_plan(val)
    if (out / "tokenizer.json").exists():
        tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    else:
        sample = [word_text(words, c.words) for c in worlds[0].close[:40000] + worlds[0].part[:40000]]
        tokenizer = train_tokenizer(sample)
        save_tokenizer(tokenizer, out)
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    table = words.tokens(tokenizer)
    model = ZooClip(make_config(tokenizer.get_vocab_size(), start, end, CONTEXT))
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    plain = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
        lr=options.rate, betas=(0.9, 0.98), fused=True,
    )  # fmt: skip
    step, seen, spent = 0, 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, seen, spent = state["step"], state["seen"], state["spent"]
    clock = Clock(spent, options.minutes * 60)
    batchers = [Batcher(w, table, start, end, CONTEXT, options.seed + step + k) for k, w in enumerate(worlds)]
    shares = np.asarray([w.count for w in worlds], dtype=float)
    random = np.random.default_rng(options.seed + step)
    print(json.dumps({"scenes": int(shares.sum()), "parameters": sum(p.numel() for p in model.clip.parameters()), "vocabulary": tokenizer.get_vocab_size()}), flush=True)  # fmt: skip
    log = (out / "curve.jsonl").open("a")
    reported, evaluated = time.time(), clock.elapsed()
    sums: dict[str, float] = {}
    since = 0

    def save() -> None:
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "seen": seen, "spent": clock.elapsed()}  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    def report(kind: str, values: dict) -> None:
        line = json.dumps({"kind": kind, "minutes": round(clock.elapsed() / 60, 2), "step": step, "seen": seen, **values})
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    def evaluate() -> None:
        before = time.time()
        images, embedded = embed(model, val, texts, table, start, end)
        report("score", score(val, images, embedded, plan))
        clock.paused += time.time() - before

    while clock.progress() < 1:
        progress = clock.progress()
        alone = progress < options.alone
        warm = min(1.0, (step + 1) / 150)
        rate = options.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        batcher = batchers[random.choice(len(batchers), p=shares / shares.sum())]
        rows = np.sort(random.choice(batcher.world.count, options.batch, replace=False))
        pixels = batcher.pixels(rows)
        with torch.autocast("cpu", torch.bfloat16):
            images, patch, picture = model.images(pixels)
            losses = dict(zip(("patch", "picture"), dense(patch, batcher.patch_targets(rows), picture, batcher.picture_targets(rows))))  # fmt: skip
            if alone:
                loss = losses["patch"] + losses["picture"]
            else:
                losses |= text_loss(model, batcher, rows, images, options.cut)
                aside = 0.25 * max(0.0, 1 - progress / 0.85) + 0.02
                loss = losses["close"] + 0.5 * losses["part"] + aside * (losses["patch"] + losses["picture"])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen += options.batch
        since += 1
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + value.item()
        if time.time() - reported > 30:
            report("loss", {name: round(value / since, 4) for name, value in sums.items()} | {"rate": round(rate, 6), "scale": round(model.clip.logit_scale.exp().item(), 2), "per_second": round(since * options.batch / (time.time() - reported), 1)})  # fmt: skip
            reported, sums, since = time.time(), {}, 0
        if clock.elapsed() - evaluated > 240:
            evaluated = clock.elapsed()
            save()
            if not alone:
                evaluate()
            reported, sums, since = time.time(), {}, 0
    save()
    evaluate()


if __name__ == "__main__":
    main()
