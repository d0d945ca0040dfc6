"""What the exports of zoo models share: weights rounded to F16, a run's files, a report. Must not know a model."""

import json
import shutil
from pathlib import Path

import torch
from torch import nn


def load_rounded(run: Path, model: nn.Module) -> dict:
    """Puts a run's weights, rounded to F16, into the model -> the run's counters."""
    state = torch.load(run / "checkpoint.pt")
    model.load_state_dict(state["model"])
    with torch.no_grad():
        for value in model.parameters():
            value.copy_(value.half().float())
    model.eval()
    return {key: state[key] for key in ("step", "seen", "spent")}


def save_folder(model, out: Path, run: Path | None = None) -> None:
    """Writes config and F16 weights of a transformers model, and the tokenizer of its run if it has one."""
    out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(out)
    (out / "model.safetensors").chmod(0o644)
    model.float()
    if run is not None:
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(run / name, out / name)


def report(out: Path, model: nn.Module, counters: dict, difference: float) -> None:
    """Prints what was written; ends the program where the reloaded folder gives something else than the model."""
    if not difference <= 1e-4:
        raise SystemExit(f"the reloaded folder differs from the model by {difference}")
    sizes = {p.name: p.stat().st_size for p in sorted(out.iterdir())}
    parameters = sum(p.numel() for p in model.parameters())
    print(json.dumps({"counters": counters, "parameters": parameters, "difference": difference, "files": sizes}))
