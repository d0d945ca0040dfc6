"""The small ViT of the zoo (transformers' ViTForImageClassification) and the heads that exist only while it trains.

Must not read data or write files.
"""

import torch
from torch import nn
from transformers import ViTConfig, ViTForImageClassification

from clip_model import IMAGE, PATCH, TrainingHeads

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


class ZooVit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.vit = ViTForImageClassification(make_config())
        self.heads = TrainingHeads(self.vit.config.hidden_size)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """pixels float [b, 3, 64, 64], normalised -> logits [b, 110], outputs of the training heads."""
        states = self.vit.vit(pixels).last_hidden_state
        return self.vit.classifier(states[:, 0]).float(), self.heads(states[:, 1:], states[:, 0])
