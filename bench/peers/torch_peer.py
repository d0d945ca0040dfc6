"""Peer of the engine's benches: PyTorch on its own clock, in one long-lived process.

    python torch_peer.py THREADS        then one JSON object a line on standard input

{"make": NAME, "kind": ..., ...} makes something that can be run; {"run": NAME, "runs": N, "result": PATH?} runs it once
without counting, then N times, writes what it gives as float32 to PATH, and answers {"ms": [...]}. {"drop": NAME} forgets.
"""
import json
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    print(json.dumps({"error": f"Python lacks a package: {error}"}), flush=True)
    sys.exit(0)

from torch_transformer import Transformer, linear_of

DTYPES = {"fp32": torch.float32, "int8": torch.float32, "bf16": torch.bfloat16}


def read_arrays(path):
    """Tensors of a safetensors file, which holds F32 only."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = bytearray(file.read())
    arrays = {}
    for name, entry in header.items():
        first, end = entry["data_offsets"]
        arrays[name] = torch.frombuffer(data, dtype=torch.float32, count=(end - first) // 4, offset=first)
        arrays[name] = arrays[name].reshape(entry["shape"])
    return arrays


def make_linear(request):
    arrays = read_arrays(request["arrays"])
    linear = linear_of(arrays["weight"], arrays["bias"], request["precision"])
    rows = arrays["rows"].to(DTYPES[request["precision"]])
    return lambda: linear(rows)


def make_attention(request):
    arrays = read_arrays(request["arrays"])
    # [batch, heads, rows, head size], each head's rows side by side: what PyTorch prefers.
    query, key, value = (arrays[name].unflatten(-1, (request["heads"], -1)).transpose(1, 2).contiguous()
                         for name in ("query", "key", "value"))
    return lambda: F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)


def make_transformer(request):
    model = Transformer(request["shape"], read_arrays(request["weights"]), request["precision"])
    inputs = {}
    if "pixels" in request:
        inputs["pixels"] = read_arrays(request["pixels"])["pixels"]
    else:
        inputs["ids"] = torch.tensor(request["ids"])
    if "before" in request:
        inputs["past"] = model.run(ids=torch.tensor(request["before"]))[1]
    return lambda: model.run(**inputs)[0]


def make_asif(request):
    """Described pictures against described texts: the whole matrix of similarities, top k, then only what is not zero."""
    arrays = read_arrays(request["anchors"]) | read_arrays(request["queries"])
    k, p = request["k"], request["p"]

    def describe(rows, anchors):
        values, places = (F.normalize(rows, dim=1) @ anchors.T).topk(k, dim=1)
        return F.normalize(values**p, dim=1), places

    images, texts = (F.normalize(arrays[f"anchor_{side}"], dim=1) for side in ("images", "texts"))
    values, places = describe(arrays["read"], texts)
    described = torch.zeros(len(texts), len(values)).index_put_((places.T, torch.arange(len(values))), values.T)

    def run():
        values, places = describe(arrays["seen"], images)
        return torch.einsum("qk,qkt->qt", values, described[places])

    return run


def make_published_model(request):
    # Only this bench needs transformers.
    from published_models import make_published

    return make_published(request, read_arrays(request["arrays"]))


def make_published_magic(request):
    # Neither does any other bench need its tokenizers.
    from published_magic import make_magic

    return make_magic(request)


MAKERS = {"linear": make_linear, "attention": make_attention, "transformer": make_transformer, "asif": make_asif,
          "published": make_published_model, "magic": make_published_magic}


def settle():
    """Until the threads of the last run have stopped spinning."""
    for _ in range(50):
        used, start = time.process_time(), time.perf_counter()
        time.sleep(0.004)
        if time.process_time() - used < 0.15 * (time.perf_counter() - start):
            return


def timed(run, runs, path):
    result = run()
    if path is not None:
        result.detach().float().contiguous().numpy().tofile(path)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    settle()
    return times


def main():
    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    made = {}
    print(json.dumps({"versions": f"PyTorch {torch.__version__}"}), flush=True)
    with torch.inference_mode():
        for line in sys.stdin:
            request = json.loads(line)
            answer = {}
            try:
                if "make" in request:
                    made[request["make"]] = MAKERS[request["kind"]](request)
                elif "drop" in request:
                    made.pop(request["drop"], None)
                else:
                    answer["ms"] = timed(made[request["run"]], request["runs"], request.get("result"))
            except Exception as error:  # the other side decides whether to go on without this one
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
