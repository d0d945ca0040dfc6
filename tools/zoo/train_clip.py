"""Trains the zoo's CLIP on packed drawn scenes within a time budget; resumable.

    python tools/zoo/train_clip.py --data DIR [DIR ...] --val DIR --out DIR --minutes 60

Must not export (export_clip.py).
"""

import argparse
import gc
import json
import multiprocessing
from pathlib import Path

from tokenizers import Tokenizer

from clip_batch import opposites
from clip_model import IMAGE, make_config
from clip_tokenizer import CONTEXT, END, START, save_tokenizer, train_tokenizer
from clip_training import Plan, train
from world_data import Caption, Words, World

TOKENIZER_SCENES = 40_000
VALIDATION_SCENES = 500


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", nargs="+", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--alone", type=float, default=0.1, help="share of the time in which only the image tower learns")
    parser.add_argument("--batch", type=int, default=128, help="scenes a step, over all workers")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--hold", type=float, default=0.5, help="share of the time before the rate falls")
    parser.add_argument("--directed", type=float, default=0.3, help="share of scenes chosen for a caption with a direction")
    parser.add_argument("--cut", type=float, default=0.25, help="share of captions cut short")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=29517, help="loopback port on which the workers meet")
    return parser.parse_args()


def tokenizer_of(out: Path, world: World, words: Words) -> Tokenizer:
    """The run's tokenizer, trained from the first captions when there is none yet."""
    if not (out / "tokenizer.json").exists():
        sample: list[Caption] = world.close[:TOKENIZER_SCENES] + world.part[:TOKENIZER_SCENES]
        save_tokenizer(train_tokenizer([" ".join(words.texts[i] for i in c.words) for c in sample]), out)
    return Tokenizer.from_file(str(out / "tokenizer.json"))


def main() -> None:
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    words = Words()
    gc.disable()  # millions of small lists: collecting while they grow takes most of the loading time
    worlds = [World(folder, IMAGE, words) for folder in options.data]
    val = World(options.val, IMAGE, words, limit=VALIDATION_SCENES)
    tokenizer = tokenizer_of(options.out, worlds[0], words)
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    size = tokenizer.get_vocab_size()
    print(json.dumps({"scenes": sum(w.count for w in worlds), "vocabulary": size}), flush=True)
    plan = Plan(
        options.out, worlds, val, words.tokens(tokenizer), start, end, make_config(size, start, end, CONTEXT),
        options.minutes, options.alone, options.batch, options.rate, options.hold, options.cut, options.directed,
        opposites(words.texts), options.seed, options.workers, options.port,
    )  # fmt: skip
    gc.freeze()
    gc.enable()
    # Forked workers share the world in memory; nothing has started threads yet.
    context = multiprocessing.get_context("fork")
    others = [context.Process(target=train, args=(rank, plan)) for rank in range(1, options.workers)]
    for process in others:
        process.start()
    train(0, plan)
    for process in others:
        process.join()


if __name__ == "__main__":
    main()
