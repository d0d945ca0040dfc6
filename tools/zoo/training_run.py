"""What training runs of the zoo has: a clock, a journal, checkpoints, and a loop for one process.

Must not know a model or its data.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Clock:
    """Training time over all sessions, in seconds; evaluation does not count."""

    def __init__(self, spent: float, budget: float) -> None:
        self.begun, self.spent, self.budget, self.paused = time.time(), spent, budget, 0.0

    def elapsed(self) -> float:
        return self.spent + time.time() - self.begun - self.paused

    def progress(self) -> float:
        return min(1.0, self.elapsed() / self.budget)


class Journal:
    """Means of losses over half a minute, to the log and to curve.jsonl."""

    def __init__(self, out: Path, clock: Clock) -> None:
        self.file, self.clock = (out / "curve.jsonl").open("a"), clock
        self.reset()

    def reset(self) -> None:
        self.begun, self.sums, self.counts = time.time(), {}, {}

    def add(self, losses: dict) -> None:
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value.item()
            self.counts[name] = self.counts.get(name, 0) + 1

    def means(self) -> dict:
        return {name: round(value / self.counts[name], 4) for name, value in self.sums.items()}

    def write(self, kind: str, step: int, seen: int, values: dict) -> None:
        head = {"kind": kind, "minutes": round(self.clock.elapsed() / 60, 2), "step": step, "seen": seen}
        line = json.dumps(head | values)
        print(line, flush=True)
        self.file.write(line + "\n")
        self.file.flush()


def make_optimizer(model: nn.Module, rate: float) -> torch.optim.Optimizer:
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)


def decay(progress: float, hold: float) -> float:
    """1 for the share `hold` of the time, then a half cosine down to 0.02."""
    return 0.02 + 0.49 * (1 + math.cos(math.pi * max(0.0, (progress - hold) / (1 - hold))))


def load_checkpoint(out: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, int, float]:
    """Goes on with the run in `out` if there is one -> steps, scenes or texts seen, seconds spent."""
    if not (out / "checkpoint.pt").exists():
        return 0, 0, 0.0
    state = torch.load(out / "checkpoint.pt")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"], state["seen"], state["spent"]


def save_checkpoint(out: Path, model: nn.Module, optimizer: torch.optim.Optimizer, **counters: float) -> None:
    fresh = out / "checkpoint.new"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), **counters}, fresh)
    fresh.replace(out / "checkpoint.pt")


@dataclass
class Run:
    """`minutes` counts training only, over all sessions; measuring and saving happen every `every` seconds of it."""

    out: Path
    minutes: float
    batch: int
    rate: float
    hold: float
    seed: int
    every: float = 120.0


def fit(run: Run, model: nn.Module, losses_of: Callable[[np.random.Generator], tuple[torch.Tensor, dict]], measure: Callable[[], dict]) -> None:  # fmt: skip
    """Trains in this process with one thread. `losses_of` gives the total of a batch and its parts for the journal."""
    torch.set_num_threads(1)
    optimizer = make_optimizer(model, run.rate)
    step, seen, spent = load_checkpoint(run.out, model, optimizer)
    random = np.random.default_rng([run.seed, step])
    clock = Clock(spent, run.minutes * 60)
    journal = Journal(run.out, clock)
    kept = clock.elapsed()

    def keep() -> None:
        begun = time.time()
        if journal.sums:
            journal.write("loss", step, seen, journal.means())
        save_checkpoint(run.out, model, optimizer, step=step, seen=seen, spent=clock.elapsed())
        model.eval()
        with torch.no_grad():
            journal.write("score", step, seen, measure())
        model.train()
        clock.paused += time.time() - begun
        journal.reset()

    model.train()
    while (progress := clock.progress()) < 1:
        for group in optimizer.param_groups:
            group["lr"] = run.rate * min(1.0, (step + 1) / 150) * decay(progress, run.hold)
        loss, losses = losses_of(random)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step, seen = step + 1, seen + run.batch
        journal.add(losses)
        if clock.elapsed() - kept > run.every:
            kept = clock.elapsed()
            keep()
    keep()
