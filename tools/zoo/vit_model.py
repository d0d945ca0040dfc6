"""The small ViT of the zoo (transformers' ViTForImageClassification) and the heads that exist only while it trains.

Must not read data or write files.
"""

import numpy as np
import torch
from torch import nn
from transformers import ViTConfig, ViTForImageClassification

from clip_model import GRID, IMAGE, PATCH, TrainingHeads

COLOURS = "red orange yellow green blue purple pink brown black white grey".split(" ")
SHAPES = "circle square triangle star heart cross crescent ring diamond arrow".split(" ")
LABELS = [f"{colour} {shape}" for colour in COLOURS for shape in SHAPES]


def make_config() -> ViTConfig:
    config = ViTConfig(
        hidden_size=128, num_hidden_layers=5, num_attention_heads=4, intermediate_size=384, image_size=IMAGE,
        patch_size=PATCH, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(LABELS)), label2id={label: index for index, label in enumerate(LABELS)},
        problem_type="multi_label_classification",
    )  # fmt: skip
    config._attn_implementation = "eager"  # on CPU the fused kernel's backward pass costs more than the rest
    return config


def wave_positions(width: int) -> torch.Tensor:
    """[1, 1 + GRID * GRID, width]: sines and cosines of row and column, zeros for the class token."""
    rates = 1 / (10 ** (np.arange(width // 4) / (width // 4)))
    angles = np.arange(GRID)[:, None] * rates
    wave = np.concatenate([np.sin(angles), np.cos(angles)], 1)
    rows, columns = np.repeat(wave, GRID, 0), np.tile(wave, (GRID, 1))
    table = np.concatenate([np.zeros((1, width)), 0.5 * np.concatenate([rows, columns], 1)])
    return torch.from_numpy(table).float()[None]


class ZooVit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.vit = ViTForImageClassification(make_config())
        self.heads = TrainingHeads(self.vit.config.hidden_size)

    @torch.no_grad()
    def begin_white(self, pixels: torch.Tensor) -> None:
        """Patches come in as their principal components, all equally strong, and places as waves.

        A random projection is almost all mean colour, and edges, which tell shapes, are learned much later.
        """
        embeddings = self.vit.vit.embeddings
        projection = embeddings.patch_embeddings.projection
        patches = nn.functional.unfold(pixels, PATCH, stride=PATCH).transpose(1, 2).reshape(-1, 3 * PATCH * PATCH)
        centre = patches.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov(patches.T))
        kept = range(len(values) - 1, len(values) - 1 - projection.out_channels, -1)
        basis = torch.stack([vectors[:, i] / (values[i] + 1e-2).sqrt() for i in kept])
        projection.weight.copy_(basis.view_as(projection.weight))
        projection.bias.copy_(-basis @ centre)
        embeddings.position_embeddings.copy_(wave_positions(projection.out_channels))

    def forward(self, pixels: torch.Tensor, kept: torch.Tensor | None = None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:  # fmt: skip
        """pixels float [b, 3, 64, 64], normalised -> logits [b, 110], outputs of the training heads.

        With `kept`, int64 [b, n], the model sees only these patches, and its heads tell of these.
        """
        if kept is None:
            states = self.vit.vit(pixels).last_hidden_state
        else:
            tower = self.vit.vit
            tokens = tower.embeddings(pixels)
            rows = torch.cat([torch.zeros_like(kept[:, :1]), kept + 1], 1)
            states = tokens.gather(1, rows[:, :, None].expand(-1, -1, tokens.shape[2]))
            for layer in tower.layers:
                states = layer(states, None)
            states = tower.layernorm(states)
        return self.vit.classifier(states[:, 0]).float(), self.heads(states[:, 1:], states[:, 0])
