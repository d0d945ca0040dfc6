"""Non-maximum suppression and average precision for detection rows. Must not know the model."""

import numpy as np


def to_corners(boxes: np.ndarray) -> np.ndarray:
    """[n, 4] centre and size -> left, top, right, bottom."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], 1)


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of corner boxes, [n, 4] and [m, 4] -> [n, m]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    area = lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    return shared / (area(a)[:, None] + area(b)[None] - shared + 1e-9)


def detections(rows: np.ndarray, threshold: float = 0.02, suppress: float = 0.5) -> list[tuple[float, int, np.ndarray]]:
    """rows [r, 5 + classes] of one picture -> (score, class, corners), best first, suppressed across classes."""
    labels = rows[:, 5:].argmax(1)
    scores = rows[:, 4] * rows[:, 5:].max(1)
    corners = to_corners(rows[:, :4])
    kept: list[int] = []
    for i in np.argsort(-scores):
        if scores[i] < threshold:
            break
        if not kept or overlap(corners[i : i + 1], corners[kept]).max() < suppress:
            kept.append(int(i))
    return [(float(scores[i]), int(labels[i]), corners[i]) for i in kept]


def average_precision(found: list[list[tuple[float, int, np.ndarray]]], truth: list[tuple[np.ndarray, np.ndarray]], classes: int, least: float = 0.5):  # fmt: skip
    """Mean over classes of the area under the precision-recall curve (all points), at IoU >= `least`.

    truth: per picture (corner boxes [n, 4], labels [n]).
    """
    per_class = []
    for label in range(classes):
        total = sum(int((labels == label).sum()) for _, labels in truth)
        claims = [(score, i, box) for i, row in enumerate(found) for score, name, box in row if name == label]
        claims.sort(key=lambda claim: -claim[0])
        used = [np.zeros(len(labels), dtype=bool) for _, labels in truth]
        hits = np.zeros(len(claims))
        for k, (_, picture, box) in enumerate(claims):
            boxes, labels = truth[picture]
            if len(boxes) == 0:
                continue
            shared = np.where((labels == label) & ~used[picture], overlap(box[None], boxes)[0], -1)
            best = int(shared.argmax())
            if shared[best] >= least:
                used[picture][best] = True
                hits[k] = 1
        if total == 0:
            continue
        recall = np.cumsum(hits) / total
        precision = np.cumsum(hits) / (np.arange(len(claims)) + 1)
        envelope = np.maximum.accumulate(precision[::-1])[::-1] if len(claims) else precision
        per_class.append(float((np.diff(np.concatenate([[0.0], recall])) * envelope).sum()))
    return float(np.mean(per_class)), per_class
