"""Scores of a CLIP on a packed world: zero-shot with random and with one-point distractors, retrieval in galleries.

Works on embeddings only, so that PyTorch, ONNX Runtime and any other runner share the protocol.
"""

from collections import Counter

import numpy as np

from world_data import Caption, World, compatible

CANDIDATES = 16
GALLERY = 100


def random_distractors(world: World, seed: int = 7) -> list[list[Caption]]:
    """For each scene 15 close captions of other scenes, none of which its objects could make true."""
    random = np.random.default_rng(seed)
    may_hold = compatible([c.facts for c in world.close], world.objects[: world.count], world.backgrounds[: world.count])
    out = []
    for scene in range(world.count):
        order = random.permutation(world.count)
        out.append([world.close[i] for i in order if not may_hold[i, scene]][: CANDIDATES - 1])
    return out


def text_plan(world: World) -> tuple[list[list[int]], dict[str, np.ndarray]]:
    """Every text that the scores need, and where each score finds its own."""
    texts: list[list[int]] = []

    def put(words: list[int]) -> int:
        texts.append(words)
        return len(texts) - 1

    close = [put(c.words) for c in world.close]
    near = [[put(d) for d in c.distractors[: CANDIDATES - 1]] for c in world.close]
    far = [[put(c.words) for c in row] for row in random_distractors(world)]
    labels = [put(c.words) for c in world.part]
    label_near = [[put(d) for d in c.distractors] for c in world.part]
    whole = [put(c.words) for c in world.all]
    return texts, {"close": close, "near": near, "far": far, "whole": whole, "label": labels, "label_near": label_near}


def score(world: World, images: np.ndarray, texts: np.ndarray, plan: dict) -> dict:
    """images [n, d] and texts [m, d] as unit vectors -> accuracies in 0..1. Ties count as failures."""
    n = world.count
    right = np.einsum("nd,nd->n", images, texts[plan["close"]])

    def accuracy(rows: list[list[int]], truth: np.ndarray, wanted: int | None = None) -> float:
        hits = [truth[i] > (images[i] @ texts[row].T).max() for i, row in enumerate(rows) if row and (wanted is None or len(row) == wanted)]
        return float(np.mean(hits))

    blamed: Counter[str] = Counter()
    posed: Counter[str] = Counter()
    for i, row in enumerate(plan["near"]):
        values = images[i] @ texts[row].T
        for k, change in enumerate(world.close[i].changes[: len(row)]):
            posed[change] += 1
            blamed[change] += bool(values[k] >= right[i])
    to_text, to_image = [], []
    for start in range(0, n - n % GALLERY, GALLERY):
        part = slice(start, start + GALLERY)
        similarity = images[part] @ texts[plan["whole"][part]].T
        diagonal = np.arange(GALLERY)
        to_text.append(float(np.mean(similarity.argmax(1) == diagonal)))
        to_image.append(float(np.mean(similarity.argmax(0) == diagonal)))
    label_right = np.einsum("nd,nd->n", images, texts[plan["label"]])
    return {
        "scenes": n,
        "zero_shot_random_16": accuracy(plan["far"], right, CANDIDATES - 1),
        "zero_shot_one_point_16": accuracy(plan["near"], right, CANDIDATES - 1),
        "one_point_scenes": sum(len(row) == CANDIDATES - 1 for row in plan["near"]),
        "label_one_point": accuracy(plan["label_near"], label_right),
        "retrieval_image_to_text_r1": float(np.mean(to_text)),
        "retrieval_text_to_image_r1": float(np.mean(to_image)),
        "pairwise_by_change": {k: round(1 - blamed[k] / posed[k], 4) for k in sorted(posed)},
    }
