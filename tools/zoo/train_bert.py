"""Trains the zoo's BERT as an encoder of sentences, on captions of the drawn world alone; resumable.

    python tools/zoo/train_bert.py --data TRAIN.jsonl --val VAL.jsonl --out DIR --minutes 8

Two captions of one scene are a pair, and every other caption of the batch is a wrong partner (Gao et al., SimCSE: Simple
Contrastive Learning of Sentence Embeddings, 2021, equation 1, with paraphrases in place of dropout); one of the two has
words masked and is asked for them (BERT). A text's vector is the mean over its tokens. It never sees a picture. Must not
export (export_bert.py).
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F
from transformers import BertConfig, BertForMaskedLM

from bert_tokenizer import MASK, PAD, POSITIONS, SPECIAL, save_tokenizer, train_tokenizer
from training_run import Run, fit
from world_texts import FREQUENCY, Drawn, padded, read_captions

TEMPERATURE = 0.07
MASKED = 0.15
SHAPES = FREQUENCY[1].split(" ")
LENGTHS = (12, 18, 26, 34, 44)


def make_config(tokenizer: Tokenizer) -> BertConfig:
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=128, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=384, max_position_embeddings=POSITIONS, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, pad_token_id=tokenizer.token_to_id(PAD),
    )  # fmt: skip
    config._attn_implementation = "eager"
    return config


def sentence_vectors(states: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Unit vectors [n, d]: the mean over each text's tokens, the first and the last one among them."""
    weights = there.float() / there.sum(1, keepdim=True)
    return F.normalize((states * weights[:, :, None]).sum(1), dim=-1)


class Pairs:
    """Batches of two captions a scene; scenes of a batch have captions of like length, so most are alike in number."""

    def __init__(self, scenes: list[list[str]], tokenizer: Tokenizer) -> None:
        self.mask, self.filler = tokenizer.token_to_id(MASK), tokenizer.token_to_id(PAD)
        # "Two objects" fits too many scenes to be anybody's partner.
        kept = [[text for text in captions if any(shape in text for shape in SHAPES)] for captions in scenes]
        encodings = iter(tokenizer.encode_batch([text for texts in kept for text in texts]))
        self.scenes = [[next(encodings).ids[: LENGTHS[-1]] for _ in texts] for texts in kept]
        longest = [max(map(len, texts)) for texts in self.scenes]
        self.drawn = Drawn(longest, LENGTHS, np.ones(len(longest)))

    def draw(self, count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """-> ids [2 * count, length], the second half with masks; what is text; what was masked, -100 elsewhere."""
        length, rows = self.drawn.draw(count, random)
        both = [[self.scenes[row][i] for i in random.choice(len(self.scenes[row]), 2, replace=False)] for row in rows]
        first, second = zip(*both)
        ids, there = padded([*first, *second], length, self.filler)
        hidden = there & (ids >= len(SPECIAL)) & (random.random(ids.shape) < MASKED)
        hidden[:count] = False
        wanted = np.where(hidden, ids, -100)
        return torch.from_numpy(np.where(hidden, self.mask, ids)), torch.from_numpy(there), torch.from_numpy(wanted)


def losses(model: BertForMaskedLM, ids: torch.Tensor, there: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, dict]:  # fmt: skip
    states = model.bert(ids, attention_mask=there.long()).last_hidden_state
    hidden = wanted >= 0
    masked = F.cross_entropy(model.cls(states[hidden]), wanted[hidden])
    first, second = sentence_vectors(states, there).chunk(2)
    table = first @ second.T / TEMPERATURE
    target = torch.arange(len(table))
    pairs = (F.cross_entropy(table, target) + F.cross_entropy(table.T, target)) / 2
    right = (table.argmax(1) == target).float().mean()
    return pairs + 0.5 * masked, {"pairs": pairs.detach(), "masked": masked.detach(), "right": right}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--batch", type=int, default=64, help="scenes a step")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--hold", type=float, default=0.4, help="share of the time before the rate falls")
    parser.add_argument("--seed", type=int, default=23)
    return parser.parse_args()


def main() -> None:
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    scenes = read_captions(options.data)
    if not (options.out / "tokenizer.json").exists():
        save_tokenizer(train_tokenizer([text for row in scenes[:12_000] for text in row]), options.out)
    tokenizer = Tokenizer.from_file(str(options.out / "tokenizer.json"))
    pairs, val = Pairs(scenes, tokenizer), Pairs(read_captions(options.val), tokenizer)
    model = BertForMaskedLM(make_config(tokenizer))

    def measure() -> dict:
        """Over the same 16 batches of validation scenes each time."""
        random = np.random.default_rng(options.seed)
        values = [losses(model, *val.draw(options.batch, random))[1] for _ in range(16)]
        return {name: round(torch.stack([value[name] for value in values]).mean().item(), 4) for name in values[0]}

    run = Run(options.out, options.minutes, options.batch, options.rate, options.hold, options.seed)
    fit(run, model, lambda random: losses(model, *pairs.draw(options.batch, random)), measure)


if __name__ == "__main__":
    main()
