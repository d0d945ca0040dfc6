"""The small CLIP of the zoo (transformers' CLIPModel) and the heads that exist only while it trains.

Must not read data or write files.
"""

import torch
from torch import nn
from transformers import CLIPConfig, CLIPModel

IMAGE = 64
PATCH = 8
GRID = IMAGE // PATCH
MEAN = [0.53, 0.53, 0.53]
STD = [0.32, 0.32, 0.32]


def make_config(vocabulary: int, start: int, end: int, context: int) -> CLIPConfig:
    return CLIPConfig(
        projection_dim=256,
        logit_scale_init_value=2.6592,
        vision_config=dict(
            hidden_size=192,
            intermediate_size=576,
            num_hidden_layers=6,
            num_attention_heads=6,
            image_size=IMAGE,
            patch_size=PATCH,
            projection_dim=256,
            hidden_act="gelu",
        ),
        text_config=dict(
            vocab_size=vocabulary,
            hidden_size=128,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=4,
            max_position_embeddings=context,
            projection_dim=256,
            hidden_act="gelu",
            bos_token_id=start,
            eos_token_id=end,
            pad_token_id=end,
        ),
    )


class TrainingHeads(nn.Module):
    """Dense supervision: what covers each patch, and what the picture's vector knows. Dropped at export.

    patch logits: shape 11, colour 12, size 4, texture 5 (0 = background).
    picture logits: 110 colour-and-shape pairs, 4 background kinds, 2 tones.
    slots: of the one object of each colour its shape, size, texture and centre (x, y); then of the one object of each
    shape its colour, size, texture and centre.
    """

    sizes = (11, 12, 4, 5)
    colour_slot = (10, 3, 4, 2)
    shape_slot = (11, 3, 4, 2)

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.patch = nn.Linear(width, sum(self.sizes))
        self.picture = nn.Linear(width, 110 + 4 + 2)
        self.slots = nn.Linear(width, 11 * sum(self.colour_slot) + 10 * sum(self.shape_slot))

    def forward(self, patches: torch.Tensor, pooled: torch.Tensor) -> dict[str, torch.Tensor]:
        return {
            "patch": self.patch(self.norm(patches)).float(),
            "picture": self.picture(pooled).float(),
            "slots": self.slots(pooled).float(),
        }


class ZooClip(nn.Module):
    """CLIPModel plus training heads. Eager attention: on CPU the fused kernel's backward pass costs more than the rest."""

    def __init__(self, config: CLIPConfig) -> None:
        super().__init__()
        config._attn_implementation = "eager"
        self.clip = CLIPModel(config)
        self.heads = TrainingHeads(config.vision_config.hidden_size)

    def images(self, pixels: torch.Tensor):
        """pixels float [b, 3, 64, 64], normalised -> unit embeddings [b, 256], outputs of the training heads."""
        out = self.clip.vision_model(pixel_values=pixels)
        heads = self.heads(out.last_hidden_state[:, 1:], out.pooler_output)
        embedding = self.clip.visual_projection(out.pooler_output).float()
        return nn.functional.normalize(embedding, dim=-1), heads

    def texts(self, ids: torch.Tensor) -> torch.Tensor:
        """ids int64 [n, t] -> unit embeddings [n, 256]."""
        out = self.clip.text_model(input_ids=ids)
        return nn.functional.normalize(self.clip.text_projection(out.pooler_output).float(), dim=-1)
