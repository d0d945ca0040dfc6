"""One training batch: pictures slightly spoiled, captions with their distractors, some of them cut short.

Must not know the model's weights.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from clip_model import GRID, MEAN, STD
from clip_tokenizer import CONTEXT
from world_data import Caption, World, compatible


ROWS = 48
LENGTHS = (6, 8, 10, 12, 16, 20, 26, 34, CONTEXT)


@dataclass
class TextGroup:
    """texts, b * (1 + k) lists of words: for each scene its caption, then k distractors.

    valid bool [b, k]; may_hold bool [caption b, scene b].
    """

    texts: list[list[int]]
    valid: torch.Tensor
    may_hold: torch.Tensor


def spoil(pixels: np.ndarray, generator: torch.Generator) -> torch.Tensor:
    """uint8 [b, s, s, 3] -> normalised float [b, 3, s, s] with changes of brightness, contrast and sharpness.

    Sharpness covers pictures that were drawn larger and then resampled.
    """
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float().div_(255)
    count = x.shape[0]
    draw = lambda low, high: torch.rand(count, 1, 1, 1, generator=generator) * (high - low) + low
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = x + draw(-0.35, 0.45) * (blurred - x)
    x = (x - 0.5) * draw(0.9, 1.1) + 0.5 + draw(-0.04, 0.04)
    x = x + torch.randn(x.shape, generator=generator) * draw(0, 0.015)
    return normalise(x.clamp_(0, 1))


def normalise(x: torch.Tensor) -> torch.Tensor:
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


def cut(caption: Caption, length: int) -> Caption:
    """The first `length` words of a caption and of its distractors; those that no longer differ become empty."""
    words = caption.words[:length]
    distractors = [d[:length] for d in caption.distractors]
    return Caption(
        words,
        [fact for fact in caption.facts if fact[0] < length],
        [[] if d == words else d for d in distractors],
        caption.changes,
    )


OPPOSITES = {"left": "right", "above": "below", "under": "above", "top": "bottom"}


def opposites(words: list[str]) -> np.ndarray:
    """int [words]: for each word the word of the opposite direction, itself where there is none."""
    index = {word: i for i, word in enumerate(words)}
    both = OPPOSITES | {there: here for here, there in OPPOSITES.items() if here != "under"}
    turned = [both.get(word.rstrip(","), "") + ("," if word.endswith(",") else "") for word in words]
    return np.asarray([index.get(other, i) for i, other in enumerate(turned)])


def with_reversal(caption: Caption, turn: np.ndarray) -> Caption:
    """Puts the caption with every direction reversed in the place of its first distractor, if it has a direction.

    What lies left of something never lies right of it, so the reversal is false. Few distractors change a direction, and
    without this the directions were the last thing learned.
    """
    reverse = turn[caption.words].tolist()
    if reverse == caption.words or not caption.distractors:
        return caption
    return Caption(caption.words, caption.facts, [reverse, *caption.distractors[1:]], caption.changes)


class Batcher:
    def __init__(self, world: World, table: list[list[int]], start: int, end: int, turn: np.ndarray, seed: int) -> None:
        self.world, self.table, self.start, self.end, self.turn = world, table, start, end, turn
        self.directed = np.asarray([(turn[c.words] != c.words).any() for c in world.close])
        self.random = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self, count: int, directed: float) -> np.ndarray:
        """Rows of scenes, at least a share `directed` of them with a close caption that names a direction."""
        first = self.random.choice(np.nonzero(self.directed)[0], round(count * directed), replace=False)
        rest = self.random.choice(self.world.count, count - len(first), replace=False)
        return np.sort(np.concatenate([first, rest]))

    def pixels(self, rows: np.ndarray) -> torch.Tensor:
        return spoil(self.world.pixels[rows], self.generator)

    def group(self, captions: list[Caption], rows: np.ndarray, cut_share: float) -> TextGroup:
        chosen = []
        for caption in captions:
            caption = with_reversal(caption, self.turn)
            if self.random.random() < cut_share and len(caption.words) > 2:
                caption = cut(caption, int(self.random.integers(2, len(caption.words))))
            chosen.append(caption)
        width = max(len(c.distractors) for c in chosen)
        texts, valid = [], np.zeros((len(chosen), width), dtype=bool)
        for i, caption in enumerate(chosen):
            texts.append(caption.words)
            for k in range(width):
                distractor = caption.distractors[k] if k < len(caption.distractors) else []
                valid[i, k] = len(distractor) > 0
                texts.append(distractor)
        may_hold = compatible([c.facts for c in chosen], self.world.objects[rows], self.world.backgrounds[rows])
        return TextGroup(texts, torch.from_numpy(valid), torch.from_numpy(may_hold))

    def embed(self, model, texts: list[list[int]]) -> torch.Tensor:
        """Unit embeddings of texts: equal ones once, sorted into chunks of like length.

        Every chunk has ROWS rows and a length from LENGTHS, because the CPU library compiles its kernels anew for each
        new shape, which costs more than the padding.
        """
        distinct: dict[tuple[int, ...], int] = {}
        where = [distinct.setdefault(tuple(words), len(distinct)) for words in texts]
        ids = [sum((self.table[word] for word in words), []) for words in distinct]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        parts = []
        for at in range(0, len(order), ROWS):
            rows = [ids[i] for i in order[at : at + ROWS]]
            length = next(size for size in LENGTHS if size >= min(len(rows[-1]) + 2, LENGTHS[-1]))
            block = np.full((ROWS, length), self.end, dtype=np.int64)
            block[:, 0] = self.start
            for i, row in enumerate(rows):
                block[i, 1 : 1 + len(row)] = row[: length - 2]
            parts.append(model.texts(torch.from_numpy(block))[: len(rows)])
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return torch.cat(parts)[torch.from_numpy(back[np.asarray(where)])]

    def patch_targets(self, rows: np.ndarray) -> torch.Tensor:
        """int64 [b, GRID * GRID, 4]: shape, colour, size, texture of the object whose box holds the patch centre, plus 1."""
        centre = (np.arange(GRID) + 0.5) / GRID
        boxes, objects = self.world.boxes[rows], self.world.objects[rows]
        out = np.zeros((len(rows), GRID, GRID, 4), dtype=np.int64)
        for slot in range(boxes.shape[1]):
            x, y, w, h = (boxes[:, slot, k, None] for k in range(4))
            inside_x = (centre >= x) & (centre <= x + w)
            inside_y = (centre >= y) & (centre <= y + h)
            inside = inside_y[:, :, None] & inside_x[:, None, :] & (objects[:, slot, 0] >= 0)[:, None, None]
            out = np.where(inside[..., None], objects[:, slot][:, None, None, :] + 1, out)
        return torch.from_numpy(out.reshape(len(rows), -1, 4))

    def picture_targets(self, rows: np.ndarray) -> torch.Tensor:
        """float [b, 116]: which of the 110 colour-and-shape pairs are there, background kind (4), tone (2)."""
        objects, backgrounds = self.world.objects[rows].astype(np.int64), self.world.backgrounds[rows].astype(np.int64)
        out = np.zeros((len(rows), 116), dtype=np.float32)
        for slot in range(objects.shape[1]):
            there = objects[:, slot, 0] >= 0
            out[np.nonzero(there)[0], objects[there, slot, 1] * 10 + objects[there, slot, 0]] = 1
        out[np.arange(len(rows)), 110 + backgrounds[:, 0]] = 1
        out[np.arange(len(rows)), 114 + backgrounds[:, 1]] = 1
        return torch.from_numpy(out)

    def objects(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """int64 [b, 5, 4] attributes, -1 where absent; float [b, 5, 2] centres in picture sides."""
        boxes = self.world.boxes[rows]
        centres = boxes[..., :2] + boxes[..., 2:] / 2
        return torch.from_numpy(self.world.objects[rows].astype(np.int64)), torch.from_numpy(centres)
