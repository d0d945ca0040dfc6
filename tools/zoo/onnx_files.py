"""Writes a traced module as one ONNX file whose large weights are stored as F16 and cast to F32 on load.

Must not know which model it writes.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

LEAST = 256  # weights with fewer values stay F32: they save nothing


def halve_weights(model: onnx.ModelProto) -> None:
    """Replaces each large F32 initialiser by an F16 one and a Cast that bears the old name."""
    casts = []
    for index, tensor in enumerate(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LEAST:
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}_half")
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
        model.graph.initializer[index].CopyFrom(half)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def write_onnx(module: torch.nn.Module, example: torch.Tensor, source: str, target: str, axes: dict, path: Path) -> None:
    """Exports `module(example)`; `axes` maps axis numbers of the input to names; the output's batch axis is dynamic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        module.eval(),
        (example,),
        str(path),
        input_names=[source],
        output_names=[target],
        dynamic_axes={source: axes, target: {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(path)
    halve_weights(model)
    model.producer_name, model.producer_version = "weft-zoo", "1"
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
