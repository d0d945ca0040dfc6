"""Peer of `npm run bench -- preprocess`: Pillow and the CLIP image processor of transformers, on their own clock.

    python pillow_clip.py PICTURE SIZE        then lines {"task": "whole" | "process", "batch": N} on standard input

"whole" opens, decodes and processes N copies; "process" starts from decoded pictures. Answers {"ms": ...}.
"""
import io
import json
import sys
import time

try:
    import PIL
    import transformers
    from PIL import Image, ImageOps
    try:
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil as Processor
    except ImportError:  # before transformers 5 the class without a suffix was the one that uses Pillow
        from transformers import CLIPImageProcessor as Processor
except ImportError as error:
    print(json.dumps({"error": f"Python lacks a package: {error}"}), flush=True)
    sys.exit(0)


def decoded(data):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    size = int(sys.argv[2])
    processor = Processor(size={"shortest_edge": size}, crop_size={"height": size, "width": size})
    picture = decoded(data)
    tasks = {
        "whole": lambda batch: processor([decoded(data) for _ in range(batch)], return_tensors="np"),
        "process": lambda batch: processor([picture] * batch, return_tensors="np"),
    }
    versions = f"Pillow {PIL.__version__}, transformers {transformers.__version__}, {Processor.__name__}"
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        tasks[request["task"]](request["batch"])
        print(json.dumps({"ms": (time.perf_counter() - start) * 1e3}), flush=True)


if __name__ == "__main__":
    main()
