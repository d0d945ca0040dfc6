"""Reads the drawn world's captions (tools/zoo/world/texts.ts) and says how often each is drawn while a model trains.

Must not know a model.
"""

import json
import math
import re
from pathlib import Path

import numpy as np

# Words of one kind, most frequent first. The generator draws most of them evenly; real language never does.
FREQUENCY = (
    "red blue green yellow black white orange purple pink brown grey",
    "circle square star triangle heart ring cross diamond arrow crescent",
    "stripes dots checks",
    "light dark",
    "plain gradient noisy two-tone",
    "left right",
    "above below under",
    "top bottom",
)
ZIPF = 0.4
# Second ways to say a thing, and lead-ins. Decoding that looks at the k likeliest words would else look at synonyms and no
# longer at every colour.
SELDOM = r"\b(little|big|medium|striped|dotted|checkered|plain(?! background)|without|photo|picture|drawing|image|scene|there)\b"
SELDOM_WEIGHT = 0.1


def read_captions(file: Path, kinds: tuple[int, ...] = (0, 1, 2, 3, 4)) -> list[list[str]]:
    """One list a scene, of its captions of these kinds: 0 complete, 1 and 2 close, 3 and 4 of a part."""
    with file.open() as lines:
        rows = [json.loads(line)["captions"] for line in lines]
    return [[row[kind] for kind in kinds] for row in rows]


def word_weights() -> dict[str, float]:
    """Logarithms of Zipf weights, rank ** -ZIPF, of mean 0 in each kind, so that longer captions are not made rarer.

    Without them a model of texts gives eleven colours one probability, and its first choice turns on the last bit.
    """
    out = {}
    for kind in FREQUENCY:
        words = kind.split(" ")
        logs = -ZIPF * np.log(np.arange(1, len(words) + 1))
        out |= dict(zip(words, logs - logs.mean()))
    return out


def caption_weights(captions: list[str]) -> np.ndarray:
    """float [n]: the product of the weights of a caption's words; plurals count as their singular."""
    weights = word_weights()
    weights |= {word + ("es" if word == "cross" else "s"): weights[word] for word in FREQUENCY[1].split(" ")}
    seldom = re.compile(SELDOM)
    logs = [
        sum(weights.get(word, 0.0) for word in re.findall(r"[\w-]+", text)) + math.log(SELDOM_WEIGHT) * len(seldom.findall(text))
        for text in captions
    ]  # fmt: skip
    return np.exp(logs)


class Drawn:
    """Indices drawn by weight, a batch always from one class of lengths.

    The CPU library compiles its kernels anew for each new shape, so there are only as many shapes as classes.
    """

    def __init__(self, lengths: list[int], limits: tuple[int, ...], weights: np.ndarray) -> None:
        classes = np.searchsorted(limits, lengths)
        if classes.max() >= len(limits):
            raise ValueError(f"a text of {max(lengths)} tokens is longer than {limits[-1]}")
        self.groups = []
        for index, limit in enumerate(limits):
            rows = np.nonzero(classes == index)[0]
            if len(rows) > 0:
                self.groups.append((limit, rows, np.cumsum(weights[rows])))
        totals = np.asarray([sums[-1] for *_, sums in self.groups])
        self.shares = totals / totals.sum()

    def draw(self, count: int, random: np.random.Generator) -> tuple[int, np.ndarray]:
        """-> the length to which the batch is filled, rows [count]."""
        limit, rows, sums = self.groups[random.choice(len(self.groups), p=self.shares)]
        return limit, rows[np.searchsorted(sums, random.random(count) * sums[-1], side="right").clip(max=len(rows) - 1)]


def padded(texts: list[list[int]], length: int, filler: int) -> tuple[np.ndarray, np.ndarray]:
    """-> ids int64 [n, length]; bool [n, length], true where there is text."""
    ids = np.full((len(texts), length), filler, dtype=np.int64)
    there = np.zeros((len(texts), length), dtype=bool)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        there[row, : len(text)] = True
    return ids, there
