"""CLIP's two towers written out plainly over the weights of a transformers CLIPModel, for ONNX export.

The library's own forward builds its causal mask with code that tracing would freeze to one length. Must not train.
"""

import torch
from torch import nn
from torch.nn import functional as F


def attend(x: torch.Tensor, attention: nn.Module, mask: torch.Tensor | None) -> torch.Tensor:
    """Multi-head self-attention, x [b, t, d]; mask [t, t] is added to the logits."""
    heads, width = attention.num_heads, attention.head_dim

    def split(y: torch.Tensor) -> torch.Tensor:
        return y.reshape(y.shape[0], y.shape[1], heads, width).transpose(1, 2)

    query = split(attention.q_proj(x)) * width**-0.5
    logits = query @ split(attention.k_proj(x)).transpose(2, 3)
    if mask is not None:
        logits = logits + mask
    mixed = (logits.softmax(-1) @ split(attention.v_proj(x))).transpose(1, 2)
    return attention.out_proj(mixed.reshape(x.shape))


def run_layers(x: torch.Tensor, encoder: nn.Module, mask: torch.Tensor | None) -> torch.Tensor:
    """Pre-norm blocks: x + attention(norm x), then x + mlp(norm x)."""
    for layer in encoder.layers:
        x = x + attend(layer.layer_norm1(x), layer.self_attn, mask)
        x = x + layer.mlp.fc2(F.gelu(layer.mlp.fc1(layer.layer_norm2(x))))
    return x


class ImageTower(nn.Module):
    """pixel_values [b, 3, s, s] -> image_embeds [b, d], projected, not normalised."""

    def __init__(self, clip: nn.Module) -> None:
        super().__init__()
        assert clip.config.vision_config.hidden_act == "gelu"
        self.vision, self.projection = clip.vision_model, clip.visual_projection

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        embeddings = self.vision.embeddings
        patches = embeddings.patch_embedding(pixel_values).flatten(2).transpose(1, 2)
        first = embeddings.class_embedding.expand(pixel_values.shape[0], 1, -1)
        x = torch.cat([first, patches], 1) + embeddings.position_embedding.weight
        x = run_layers(self.vision.pre_layrnorm(x), self.vision.encoder, None)
        return self.projection(self.vision.post_layernorm(x[:, 0]))


class TextTower(nn.Module):
    """input_ids int64 [b, t] -> text_embeds [b, d], taken at the first end token, projected, not normalised."""

    def __init__(self, clip: nn.Module) -> None:
        super().__init__()
        assert clip.config.text_config.hidden_act == "gelu"
        self.text, self.projection = clip.text_model, clip.text_projection
        self.end = clip.config.text_config.eos_token_id

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        embeddings = self.text.embeddings
        count = input_ids.shape[1]
        positions = torch.arange(count, device=input_ids.device)
        x = embeddings.token_embedding(input_ids) + embeddings.position_embedding(positions)
        hidden = positions[None, :] > positions[:, None]
        x = run_layers(x, self.text.encoder, hidden.float() * -1e9)
        x = self.text.final_layer_norm(x)
        at = (input_ids == self.end).int().argmax(1)
        picked = torch.gather(x, 1, at.view(-1, 1, 1).expand(-1, 1, x.shape[2])).squeeze(1)
        return self.projection(picked)
