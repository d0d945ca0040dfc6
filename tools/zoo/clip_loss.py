"""Losses of the zoo's CLIP. Must not hold parameters."""

import torch
from torch.nn import functional as F

from clip_batch import TextGroup
from clip_model import TrainingHeads


def contrastive(images: torch.Tensor, texts: torch.Tensor, group: TextGroup, scale: torch.Tensor) -> torch.Tensor:
    """Symmetric cross entropy over the batch, each picture's own distractors as further columns.

    images [b, d] and texts [b * (1 + k), d] are unit vectors. Pairs that may be true without being the pair are left out.
    """
    count = images.shape[0]
    grouped = texts.view(count, -1, texts.shape[-1])
    own = torch.einsum("bd,bkd->bk", images, grouped[:, 1:]) * scale
    own = own.masked_fill(~group.valid, float("-inf"))
    every = images @ grouped[:, 0].T * scale
    doubtful = group.may_hold.T & ~torch.eye(count, dtype=torch.bool)
    every = every.masked_fill(doubtful, float("-inf"))
    target = torch.arange(count)
    by_image = F.cross_entropy(torch.cat([every, own], 1), target)
    by_text = F.cross_entropy(every.T, target)
    hard = F.cross_entropy(torch.cat([every.diagonal()[:, None], own], 1), torch.zeros_like(target))
    return 0.4 * by_image + 0.3 * by_text + 0.3 * hard


def dense(patch: torch.Tensor, patch_target: torch.Tensor, picture: torch.Tensor, picture_target: torch.Tensor):
    """Loss of the training heads: attributes per patch, contents of the picture.

    Patches of objects and of background count the same in sum, though most patches are background.
    """
    covered = patch_target[..., 0].flatten() > 0
    weight = torch.where(covered, 0.7 / covered.sum().clamp(min=1), 0.3 / (~covered).sum().clamp(min=1))
    per_patch = sum(
        (F.cross_entropy(part.flatten(0, 1), patch_target[..., k].flatten(), reduction="none") * weight).sum()
        for k, part in enumerate(patch.split(TrainingHeads.sizes, dim=-1))
    )
    per_picture = F.binary_cross_entropy_with_logits(picture, picture_target) * 20
    return per_patch, per_picture


def slot_loss(slots: torch.Tensor, objects: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """What the picture's vector knows of the one object of a colour, and of the one object of a shape.

    objects int64 [b, 5, 4] as shape, colour, size, texture, -1 where absent; centres float [b, 5, 2].
    A linear reading must name the other attributes and the place: that binds them, and relations need places.
    """
    total = slots.new_zeros(())
    at = 0
    for key, other, keys, parts in ((1, 0, 11, TrainingHeads.colour_slot), (0, 1, 10, TrainingHeads.shape_slot)):
        width = keys * sum(parts)
        table = slots[:, at : at + width].view(-1, keys, sum(parts))
        at += width
        owner = objects[..., key]
        same = (owner[:, :, None] == owner[:, None, :]).sum(-1)
        scene, slot = torch.nonzero((owner >= 0) & (same == 1), as_tuple=True)
        shape, size, texture, place = table[scene, owner[scene, slot]].split(parts, dim=-1)
        wanted = objects[scene, slot]
        named = zip((shape, size, texture), (wanted[:, other], wanted[:, 2], wanted[:, 3]))
        total = total + sum(F.cross_entropy(guess, truth) for guess, truth in named)
        total = total + 20 * F.mse_loss(place, centres[scene, slot])
    return total


@torch.no_grad()
def patch_accuracy(patch: torch.Tensor, patch_target: torch.Tensor) -> list[float]:
    """Share of object patches whose shape, colour, size and texture are named right."""
    covered = patch_target[..., 0] > 0
    parts = patch.split(TrainingHeads.sizes, dim=-1)
    return [(part.argmax(-1) == patch_target[..., k])[covered].float().mean().item() for k, part in enumerate(parts)]
