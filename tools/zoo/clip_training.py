"""The training loop of the zoo's CLIP: one process per core, gradients averaged after each step.

On shared cores this loses less than threads inside each operator, which wait for each other hundreds of times a step.
Must not parse arguments or read the packed world.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from clip_batch import Batcher, normalise
from clip_loss import contrastive, dense, patch_accuracy, slot_loss
from clip_model import ZooClip
from clip_scores import score, text_plan
from clip_tokenizer import CONTEXT
from training_run import Clock, Journal, decay, load_checkpoint, make_optimizer, save_checkpoint
from world_data import World, pad_texts


@dataclass
class Plan:
    """What a run is made of; `minutes` and `spent` (seconds) count training only, over all sessions of the run."""

    out: Path
    worlds: list[World]
    val: World
    table: list[list[int]]
    start: int
    end: int
    config: object
    minutes: float
    alone: float
    batch: int
    rate: float
    hold: float
    cut: float
    directed: float
    turn: np.ndarray
    seed: int
    workers: int
    port: int


@torch.no_grad()
def embed(model: ZooClip, world: World, texts: list[list[int]], table, start: int, end: int):
    """Unit embeddings of a world's pictures and of texts, as numpy."""
    model.eval()
    images, out = [], []
    with torch.autocast("cpu", torch.bfloat16):
        for at in range(0, world.count, 250):
            x = torch.from_numpy(np.array(world.pixels[at : at + 250])).permute(0, 3, 1, 2).float() / 255
            images.append(model.images(normalise(x))[0])
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), 1000):
            out.append(model.texts(pad_texts([texts[i] for i in order[at : at + 1000]], table, start, end, CONTEXT)))
    model.train()
    unsorted = np.empty((len(texts), out[0].shape[1]), dtype=np.float32)
    unsorted[order] = torch.cat(out).numpy()
    return torch.cat(images).numpy(), unsorted


def text_loss(model: ZooClip, batcher: Batcher, rows: np.ndarray, images: torch.Tensor, share: float) -> dict:
    """Contrastive losses of the close and the part captions."""
    world = batcher.world
    scale = model.clip.logit_scale.clamp(max=math.log(100)).exp()
    groups = [batcher.group([source[i] for i in rows], rows, share) for source in (world.close, world.part)]
    texts = batcher.embed(model, groups[0].texts + groups[1].texts)
    close, part = texts.split([len(group.texts) for group in groups])
    return {
        "close": contrastive(images, close, groups[0], scale),
        "part": contrastive(images, part, groups[1], scale),
    }


def step_losses(model: ZooClip, batcher: Batcher, rows: np.ndarray, plan: Plan, progress: float) -> tuple[torch.Tensor, dict]:  # fmt: skip
    """Total loss and its parts. At first only the image tower learns, from what covers each patch."""
    with torch.autocast("cpu", torch.bfloat16):
        images, heads = model.images(batcher.pixels(rows))
        target = batcher.patch_targets(rows)
        patch, picture = dense(heads["patch"], target, heads["picture"], batcher.picture_targets(rows))
        losses = {"patch": patch, "picture": picture, "slots": slot_loss(heads["slots"], *batcher.objects(rows))}
        named = patch_accuracy(heads["patch"], target)
        known = patch + picture + losses["slots"]
        losses |= dict(zip(("shape", "colour", "size", "texture"), map(torch.tensor, named)))
        if progress < plan.alone:
            return known, losses
        losses |= text_loss(model, batcher, rows, images, plan.cut)
        aside = max(0.06, 0.25 * (1 - progress / 0.95))
        return losses["close"] + 0.5 * losses["part"] + aside * known, losses


def average_gradients(model: ZooClip, workers: int) -> None:
    if workers == 1:
        return
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= workers
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()


def train(rank: int, plan: Plan) -> None:
    """One worker. Worker 0 keeps the time, writes the log and the checkpoints, and measures."""
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    if plan.workers > 1:
        dist.init_process_group("gloo", f"tcp://127.0.0.1:{plan.port}", rank=rank, world_size=plan.workers)
    model = ZooClip(plan.config)
    optimizer = make_optimizer(model, plan.rate)
    step, seen, spent = load_checkpoint(plan.out, model, optimizer)
    seed = plan.seed + step * plan.workers + rank
    batchers = [Batcher(w, plan.table, plan.start, plan.end, plan.turn, seed + 1000 * k) for k, w in enumerate(plan.worlds)]
    shares = np.asarray([w.count for w in plan.worlds], dtype=float)
    random = np.random.default_rng(seed)
    clock = Clock(spent, plan.minutes * 60)
    journal = Journal(plan.out, clock)
    texts, where = text_plan(plan.val)
    measured = clock.elapsed()

    def save() -> None:
        save_checkpoint(plan.out, model, optimizer, step=step, seen=seen, spent=clock.elapsed())

    def measure() -> None:
        before = time.time()
        torch.set_num_threads(plan.workers)
        images, embedded = embed(model, plan.val, texts, plan.table, plan.start, plan.end)
        torch.set_num_threads(1)
        journal.write("score", step, seen, score(plan.val, images, embedded, where))
        clock.paused += time.time() - before
        journal.reset()

    now = torch.zeros(1, dtype=torch.float64)
    while True:
        now[0] = clock.progress()
        if plan.workers > 1:
            dist.broadcast(now, 0)
        progress = now.item()
        if progress >= 1:
            break
        rate = plan.rate * min(1.0, (step + 1) / 150) * decay(progress, plan.hold)
        for group in optimizer.param_groups:
            group["lr"] = rate
        batcher = batchers[random.choice(len(batchers), p=shares / shares.sum())]
        rows = batcher.draw(plan.batch // plan.workers, plan.directed)
        loss, losses = step_losses(model, batcher, rows, plan, progress)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        average_gradients(model, plan.workers)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step, seen = step + 1, seen + plan.batch
        if rank > 0:
            continue
        journal.add(losses)
        since = time.time() - journal.begun
        if since > 30:
            pace = journal.counts["patch"] * plan.batch / since
            extra = {"rate": round(rate, 6), "scale": round(model.clip.logit_scale.exp().item(), 2), "per_second": round(pace, 1)}  # fmt: skip
            journal.write("loss", step, seen, journal.means() | extra)
            journal.reset()
        if clock.elapsed() - measured > 300:
            measured = clock.elapsed()
            save()
            if progress >= plan.alone:
                measure()
    if rank == 0:
        save()
        measure()
    if plan.workers > 1:
        dist.barrier()
        dist.destroy_process_group()
