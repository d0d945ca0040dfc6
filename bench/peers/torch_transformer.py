"""Transformers of the bench in PyTorch, from the shapes and weights that bench/models/transformer.ts describes.

Plain functions on tensors: no framework stands between the measurement and PyTorch's own operators.
"""
import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
}


def linear_of(weight, bias, precision):
    """A function x -> x W^T + b in the given precision."""
    if precision == "int8":
        scales = weight.abs().amax(1).clamp_min(1e-12) / 127
        zeros = torch.zeros(weight.shape[0], dtype=torch.int64)
        matrix = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
        packed = torch.ops.quantized.linear_prepack(matrix, bias)
        return lambda x: torch.ops.quantized.linear_dynamic(x, packed, True)
    if precision == "bf16":
        weight, bias = weight.bfloat16(), None if bias is None else bias.bfloat16()
    return lambda x: F.linear(x, weight, bias)


class Transformer:
    def __init__(self, shape, weights, precision):
        self.shape = shape
        self.linear = {}
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self.weights = {name: weight.to(dtype) for name, weight in weights.items()}
        for name in weights:
            if name.startswith("layers.") and name.endswith(".weight") and weights[name].dim() == 2:
                stem = name[: -len(".weight")]
                self.linear[stem] = linear_of(weights[name], weights[stem + ".bias"], precision)
        output = shape["output"]["kind"]
        if output != "hidden":
            name = "projection" if output == "projection" else "tokens"
            self.linear["output"] = linear_of(weights[name], None, precision)
        self.dtype = dtype

    def run(self, pixels=None, ids=None, past=None):
        """float32 rows of the output; with `past` (a list of keys and values per layer) continues from it, unchanged."""
        rows = self.embed_pixels(pixels) if pixels is not None else self.embed_ids(ids, past)
        if self.shape["embeddingNorm"]:
            rows = self.norm("embeddingNorm", rows)
        present = []
        for layer in range(self.shape["layers"]):
            rows, kept = self.layer(f"layers.{layer}.", rows, None if past is None else past[layer])
            present.append(kept)
        return self.output(rows).float(), present

    def embed_pixels(self, pixels):
        patch = self.shape["embedding"]["patch"]
        maps = F.conv2d(pixels.to(self.dtype), self.weights["patches"], stride=patch)
        patches = maps.flatten(2).transpose(1, 2)
        leading = self.weights["class"].expand(len(patches), 1, -1)
        return torch.cat([leading, patches], 1) + self.weights["positions"]

    def embed_ids(self, ids, past):
        first = 0 if past is None else past[0][0].shape[2]
        rows = F.embedding(ids, self.weights["tokens"]) + self.weights["positions"][first : first + ids.shape[1]]
        return rows + self.weights["segments"][0] if "segments" in self.weights else rows

    def norm(self, name, rows):
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return F.layer_norm(rows, (self.shape["width"],), weight, bias, self.shape["epsilon"])

    def layer(self, name, rows, past):
        before = self.shape["normFirst"]
        attended, kept = self.attention(name, self.norm(name + "norm1", rows) if before else rows, past)
        rows = rows + attended
        if not before:
            rows = self.norm(name + "norm1", rows)
        inner = self.linear[name + "up"](self.norm(name + "norm2", rows) if before else rows)
        rows = rows + self.linear[name + "down"](ACTIVATIONS[self.shape["activation"]](inner))
        return rows if before else self.norm(name + "norm2", rows), kept

    def attention(self, name, rows, past):
        heads = self.shape["heads"]
        query, key, value = self.linear[name + "qkv"](rows).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (query, key, value))
        if past is not None:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        # A single new token sees everything before it.
        causal = self.shape["causal"] and rows.shape[1] > 1
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.linear[name + "output"](attended.transpose(1, 2).flatten(2)), (key, value)

    def output(self, rows):
        output = self.shape["output"]
        if output["kind"] == "hidden":
            return rows
        row = 0 if output.get("row") == "first" else -1
        return self.linear["output"](self.norm("norm", rows[:, row]))
