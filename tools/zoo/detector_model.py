"""The tiny detector of drawn objects: a plain convolutional net over a 16 x 16 grid, decoded inside the graph.

Must not read data or write files.
"""

import torch
from torch import nn

IMAGE = 128
STRIDE = 8
GRID = IMAGE // STRIDE
MEAN = [0.53, 0.53, 0.53]
STD = [0.32, 0.32, 0.32]


def block(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(block(width, width // 2, dilation=dilation), block(width // 2, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inner(x)


class Detector(nn.Module):
    """pixels float [b, 3, 128, 128], normalised -> raw grid [b, 5 + classes, 16, 16]."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.body = nn.Sequential(
            block(3, 24, stride=2),
            block(24, 40, stride=2),
            block(40, 80, stride=2),
            Residual(80, 1),
            Residual(80, 2),
            Residual(80, 3),
            block(80, 80),
        )
        self.head = nn.Conv2d(80, 5 + classes, 1)
        nn.init.constant_(self.head.bias[4], -4.0)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(pixels))


def decode_boxes(raw: torch.Tensor) -> torch.Tensor:
    """raw [b, 4, 16, 16] -> [b, 4, 16, 16] as centre x, centre y, width, height in input pixels.

    The centre may leave its cell by half a cell each way; a side is at most the picture's.
    """
    cells = torch.arange(GRID, dtype=raw.dtype, device=raw.device)
    x = (cells.view(1, 1, 1, GRID) + raw[:, 0:1].sigmoid() * 2 - 0.5) * STRIDE
    y = (cells.view(1, 1, GRID, 1) + raw[:, 1:2].sigmoid() * 2 - 0.5) * STRIDE
    return torch.cat([x, y, raw[:, 2:4].sigmoid() * IMAGE], 1)


class Rows(nn.Module):
    """The exported form: rows [cx, cy, w, h, objectness, class probabilities], [b, 256, 5 + classes]."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        raw = self.detector(pixel_values)
        rows = torch.cat([decode_boxes(raw[:, :4]), raw[:, 4:5].sigmoid(), raw[:, 5:].softmax(1)], 1)
        return rows.flatten(2).transpose(1, 2)
