"""Writes models/zoo/fusion-blocks: one of each fusion block, small and never trained.

    python tools/zoo/fusion_blocks.py models/zoo/fusion-blocks

The blocks fit the towers of zoo/clip-shapes: pictures come as rows of 192 numbers, texts as rows of 128. Same seed, same bytes.
"""

import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import save_file

IMAGE, TEXT, EMBEDDING, NARROW, INNER = 192, 128, 256, 32, 32

rng = np.random.default_rng(20210226)
tensors = {}


def store(name, numbers):
    tensors[name] = np.ascontiguousarray(numbers, dtype=np.float16)


def matrix(name, outputs, inputs, bias=True, inputs_first=False):
    weight = rng.standard_normal((outputs, inputs)) / np.sqrt(inputs)
    store(f"{name}.weight", weight.T if inputs_first else weight)
    if bias:
        store(f"{name}.bias", 0.1 * rng.standard_normal(outputs))


def norm(name, width):
    store(f"{name}.weight", 1 + 0.1 * rng.standard_normal(width))
    store(f"{name}.bias", 0.1 * rng.standard_normal(width))


def rows(name, count, width):
    store(name, rng.standard_normal((count, width)))


def mapper(prefix, inputs, length):
    """MAPL: rows of any tower as a few narrow ones."""
    matrix(prefix + "down", NARROW, inputs)
    rows(prefix + "const", length, NARROW)
    layer = prefix + "transformer.layers.0."
    store(layer + "self_attn.in_proj_weight", rng.standard_normal((3 * NARROW, NARROW)) / np.sqrt(NARROW))
    store(layer + "self_attn.in_proj_bias", 0.1 * rng.standard_normal(3 * NARROW))
    matrix(layer + "self_attn.out_proj", NARROW, NARROW)
    matrix(layer + "linear1", 2 * NARROW, NARROW)
    matrix(layer + "linear2", NARROW, 2 * NARROW)
    norm(layer + "norm1", NARROW)
    norm(layer + "norm2", NARROW)
    matrix(prefix + "up", NARROW, NARROW)


def resampler(prefix):
    rows(prefix + "latents", 4, IMAGE)
    layer = prefix + "layers.0."
    norm(layer + "0.norm_media", IMAGE)
    norm(layer + "0.norm_latents", IMAGE)
    matrix(layer + "0.to_q", INNER, IMAGE, bias=False)
    matrix(layer + "0.to_kv", 2 * INNER, IMAGE, bias=False)
    matrix(layer + "0.to_out", IMAGE, INNER, bias=False)
    norm(layer + "1.0", IMAGE)
    matrix(layer + "1.1", INNER, IMAGE, bias=False)
    matrix(layer + "1.3", IMAGE, INNER, bias=False)
    norm(prefix + "norm", IMAGE)


def gated(prefix):
    norm(prefix + "attn.norm", TEXT)
    matrix(prefix + "attn.to_q", INNER, TEXT, bias=False)
    matrix(prefix + "attn.to_kv", 2 * INNER, IMAGE, bias=False)
    matrix(prefix + "attn.to_out", TEXT, INNER, bias=False)
    norm(prefix + "ff.0", TEXT)
    matrix(prefix + "ff.1", INNER, TEXT, bias=False)
    matrix(prefix + "ff.3", TEXT, INNER, bias=False)
    store(prefix + "attn_gate", [0.5])
    store(prefix + "ff_gate", [-0.5])


def cross(prefix):
    """As LXMERT names it: a text asks a picture."""
    matrix(prefix + "att.query", INNER, TEXT)
    matrix(prefix + "att.key", INNER, IMAGE)
    matrix(prefix + "att.value", INNER, IMAGE)
    matrix(prefix + "output.dense", TEXT, INNER)
    norm(prefix + "output.LayerNorm", TEXT)


def co_attention(prefix):
    for side, width in ((1, IMAGE), (2, TEXT)):
        for part in ("query", "key", "value"):
            matrix(f"{prefix}biattention.{part}{side}", INNER, width)
        matrix(f"{prefix}biOutput.dense{side}", width, INNER)
        norm(f"{prefix}biOutput.LayerNorm{side}", width)
    for letter, width in (("v", IMAGE), ("t", TEXT)):
        matrix(f"{prefix}{letter}_intermediate.dense", INNER, width)
        matrix(f"{prefix}{letter}_output.dense", width, INNER)
        norm(f"{prefix}{letter}_output.LayerNorm", width)


def merged(prefix):
    """As ViLT names it."""
    for part in ("query", "key", "value"):
        matrix(f"{prefix}attention.attention.{part}", NARROW, NARROW)
    matrix(prefix + "attention.output.dense", NARROW, NARROW)
    norm(prefix + "layernorm_before", NARROW)
    norm(prefix + "layernorm_after", NARROW)
    matrix(prefix + "intermediate.dense", 2 * NARROW, NARROW)
    matrix(prefix + "output.dense", NARROW, 2 * NARROW)


def visual_gpt(prefix):
    norm(prefix + "ln_1", NARROW)
    norm(prefix + "ln_2", NARROW)
    matrix(prefix + "attn.c_attn", 3 * NARROW, NARROW, inputs_first=True)
    matrix(prefix + "attn.c_proj", NARROW, NARROW, inputs_first=True)
    for part in ("fc_q", "fc_k", "fc_v"):
        matrix(f"{prefix}enc_dec_attn.{part}", NARROW, NARROW)
    matrix(prefix + "enc_dec_attn.c_proj", NARROW, NARROW, inputs_first=True)
    matrix(prefix + "mlp.c_fc", 4 * NARROW, NARROW, inputs_first=True)
    matrix(prefix + "mlp.c_proj", NARROW, 4 * NARROW, inputs_first=True)


def backbone(prefix):
    image, text = prefix + "image.", prefix + "text."
    norm(image + "norm1", NARROW)
    norm(image + "norm2", NARROW)
    matrix(image + "attn.qkv", 3 * NARROW, NARROW)
    matrix(image + "attn.proj", NARROW, NARROW)
    norm(image + "attn.norm_i2t_i", NARROW)
    matrix(image + "attn.qkv_i2t", NARROW, NARROW)
    matrix(image + "attn.qkv_text_i2t", 2 * NARROW, NARROW)
    matrix(image + "attn.proj_i2t", NARROW, NARROW)
    store(image + "attn.alpha_i2t", [0.7])
    matrix(image + "mlp.fc1", 2 * NARROW, NARROW)
    matrix(image + "mlp.fc2", NARROW, 2 * NARROW)
    for attention in ("attention", "crossattention_t2i"):
        for part in ("query", "key", "value"):
            matrix(f"{text}{attention}.self.{part}", NARROW, NARROW)
        matrix(f"{text}{attention}.output.dense", NARROW, NARROW)
    norm(text + "attention.output.LayerNorm", NARROW)
    store(text + "alpha_t2i", [-0.4])
    matrix(text + "intermediate.dense", 2 * NARROW, NARROW)
    matrix(text + "output.dense", NARROW, 2 * NARROW)
    norm(text + "output.LayerNorm", NARROW)


def main(folder):
    mapper("image_mapper.", IMAGE, 6)
    mapper("text_mapper.", TEXT, 6)
    resampler("resampler.")
    gated("gated.")
    cross("cross.")
    co_attention("co_attention.")
    merged("merged.")
    visual_gpt("visual_gpt.")
    backbone("backbone.")
    norm("bridge.LayerNorm", NARROW)
    matrix("film.film_mul", NARROW, EMBEDDING)
    matrix("film.film_add", NARROW, EMBEDDING)
    for part in ("q_proj", "k_proj", "v_proj", "proj"):
        matrix(f"grouping.{part}", NARROW, NARROW)
    matrix("frames.message_fc", NARROW, NARROW)
    norm("frames.message_ln", NARROW)
    for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
        matrix(f"frames.message_attn.{part}", NARROW, NARROW)
    matrix("itm_head", 2, NARROW)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = {"model_type": "fusion-blocks", "note": "Untrained blocks, to show how they are wired."}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
