"""Reads the packed drawn world (tools/zoo/world/pack.ts) into flat arrays and cuts batches out of it.

Texts are kept as indices of whitespace-separated words; a batch turns them into token ids. Must not know the model.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

ATTRIBUTES = 4  # shape, colour, size, texture
COUNT, BACKGROUND, TONE = 4, 5, 6
MAX_OBJECTS = 5


class Words:
    """Every distinct word and the token ids it becomes."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.texts: list[str] = []

    def add(self, text: str) -> list[int]:
        out = []
        for word in text.split(" "):
            if word not in self.index:
                self.index[word] = len(self.texts)
                self.texts.append(word)
            out.append(self.index[word])
        return out

    def tokens(self, tokenizer) -> list[list[int]]:
        return [tokenizer.encode(word, add_special_tokens=False).ids for word in self.texts]


@dataclass
class Caption:
    """words; facts as rows [word, mention, attribute, value]; distractors' words; what each distractor changes."""

    words: list[int]
    facts: list[list[int]]
    distractors: list[list[int]]
    changes: list[str]


class World:
    """pixels: uint8 [n, size, size, 3]; objects: int16 [n, 5, 4], -1 where absent; boxes: float32 [n, 5, 4] as x, y, w, h."""

    def __init__(self, folder: Path, size: int, words: Words, limit: int | None = None) -> None:
        lines = (Path(folder) / "scenes.jsonl").open()
        self.close: list[Caption] = []
        self.part: list[Caption] = []
        self.all: list[Caption] = []
        objects, boxes, backgrounds, seeds = [], [], [], []
        for line in lines:
            if limit is not None and len(seeds) >= limit:
                break
            if not line.endswith("\n"):
                break  # still being written
            row = json.loads(line)
            seeds.append(row["seed"])
            filler = [[-1] * 8] * (MAX_OBJECTS - len(row["o"]))
            both = np.asarray(row["o"] + filler, dtype=np.float32)
            objects.append(both[:, :4].astype(np.int16))
            boxes.append(both[:, 4:])
            backgrounds.append(row["b"])
            for name in ("close", "part", "all"):
                if name in row:
                    c = row[name]
                    caption = Caption(words.add(c["t"]), c["f"], [words.add(n) for n in c["n"]], c["c"])
                    getattr(self, name).append(caption)
        self.seeds = np.asarray(seeds)
        self.objects = np.stack(objects)
        self.boxes = np.stack(boxes)
        self.backgrounds = np.asarray(backgrounds, dtype=np.int16)
        bytes_each = size * size * 3
        pixels = np.memmap(Path(folder) / "pixels.bin", dtype=np.uint8, mode="r")
        count = min(len(seeds), len(pixels) // bytes_each)
        self.pixels = pixels[: count * bytes_each].reshape(count, size, size, 3)
        self.count = count


def pad_texts(texts: list[list[int]], table: list[list[int]], start: int, end: int, limit: int) -> torch.Tensor:
    """int64 [n, longest]: start, tokens, end, then end again as padding (CLIP pads with it and pools at the first)."""
    rows = []
    for words in texts:
        row = [start]
        for word in words:
            row += table[word]
        rows.append(row[: limit - 1] + [end])
    longest = max(map(len, rows))
    out = np.full((len(rows), longest), end, dtype=np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return torch.from_numpy(out)


def compatible(captions: list[list[list[int]]], objects: np.ndarray, backgrounds: np.ndarray) -> np.ndarray:
    """bool [captions, scenes]: whether the facts said so far could hold in each scene, relations and places ignored.

    Pairs marked here are left out of the in-batch negatives: they may well be true.
    """
    mentions, owner, counts = [], [], []
    result = np.ones((len(captions), len(objects)), dtype=bool)
    for row, facts in enumerate(captions):
        seen: dict[int, list[int]] = {}
        amount: dict[int, int] = {}
        for _, mention, attribute, value in facts:
            if attribute == BACKGROUND:
                result[row] &= backgrounds[:, 0] == value
            elif attribute == TONE:
                result[row] &= backgrounds[:, 1] == value
            elif attribute == COUNT:
                amount[mention] = value
                seen.setdefault(mention, [-1] * ATTRIBUTES)
            else:
                seen.setdefault(mention, [-1] * ATTRIBUTES)[attribute] = value
        for mention, wanted in seen.items():
            mentions.append(wanted)
            counts.append(amount.get(mention, 1))
            owner.append(row)
    if mentions:
        wanted = np.asarray(mentions)[:, None, None, :]
        hit = ((wanted == -1) | (wanted == objects[None])).all(-1) & (objects[None, :, :, 0] >= 0)
        holds = hit.sum(-1) >= np.asarray(counts)[:, None]
        np.logical_and.at(result, np.asarray(owner), holds)
    return result
