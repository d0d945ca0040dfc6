"""Trains the zoo's GPT-2 on captions of the drawn world within a time budget; resumable. It never sees a picture.

    python tools/zoo/train_gpt2.py --data TRAIN.jsonl --val VAL.jsonl --out DIR --minutes 15

The loss is SimCTG's (Su et al., A Contrastive Framework for Neural Text Generation, 2022, equations 1, 3 and 4): likelihood,
and a margin that keeps the states of one text apart. Must not export (export_gpt2.py).
"""

import argparse
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel

from gpt2_tokenizer import END, POSITIONS, START, save_tokenizer, train_tokenizer
from training_run import Run, fit
from world_texts import Drawn, caption_weights, padded, read_captions

KINDS = (0, 1, 2)  # captions of a part alone ("two objects") would teach it to stop early
MARGIN = 0.5
LENGTHS = (14, 20, 26, 34, 44)
TOKENIZER_CAPTIONS = 60_000


def make_config(tokenizer: Tokenizer) -> GPT2Config:
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    config = GPT2Config(
        vocab_size=tokenizer.get_vocab_size(), n_positions=POSITIONS, n_embd=128, n_layer=4, n_head=4,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=start, eos_token_id=end, pad_token_id=end,
    )  # fmt: skip
    config._attn_implementation = "eager"  # on CPU the fused kernel's backward pass costs more than the rest
    return config


def apart(states: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """SimCTG's contrastive loss: states [b, t, d] of two places of one text shall differ by the margin in cosine."""
    units = F.normalize(states, dim=-1)
    cosine = units @ units.transpose(1, 2)
    over = (MARGIN - cosine.diagonal(dim1=1, dim2=2)[:, :, None] + cosine).clamp(min=0)
    pairs = there[:, :, None] & there[:, None, :] & ~torch.eye(there.shape[1], dtype=torch.bool)
    return (over * pairs).sum() / pairs.sum()


def losses(model: GPT2LMHeadModel, ids: np.ndarray, there: np.ndarray) -> tuple[torch.Tensor, dict]:
    """Start token first, end token last; `there` is false at the filling behind it."""
    tokens, mask = torch.from_numpy(ids), torch.from_numpy(there)
    out = model.transformer(tokens)
    logits = model.lm_head(out.last_hidden_state[:, :-1])
    wanted = tokens[:, 1:].masked_fill(~mask[:, 1:], -100)
    likelihood = F.cross_entropy(logits.flatten(0, 1), wanted.flatten())
    contrast = apart(out.last_hidden_state, mask)
    return likelihood + contrast, {"likelihood": likelihood.detach(), "contrast": contrast.detach()}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--hold", type=float, default=0.4, help="share of the time before the rate falls")
    parser.add_argument("--seed", type=int, default=17)
    return parser.parse_args()


def main() -> None:
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    captions = list(chain.from_iterable(read_captions(options.data, KINDS)))
    if not (options.out / "tokenizer.json").exists():
        every_kind = chain.from_iterable(read_captions(options.data)[: TOKENIZER_CAPTIONS // 5])
        save_tokenizer(train_tokenizer(list(every_kind)), options.out)
    tokenizer = Tokenizer.from_file(str(options.out / "tokenizer.json"))
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    encode = lambda texts: [[start, *one.ids, end] for one in tokenizer.encode_batch(texts)]
    val = list(chain.from_iterable(read_captions(options.val, KINDS)))
    sources = [(encode(some), caption_weights(some)) for some in (captions, val)]
    drawn, drawn_val = (Drawn(list(map(len, some)), LENGTHS, weights) for some, weights in sources)
    texts, val_texts = (some for some, _ in sources)
    model = GPT2LMHeadModel(make_config(tokenizer))

    def losses_of(random: np.random.Generator) -> tuple[torch.Tensor, dict]:
        length, rows = drawn.draw(options.batch, random)
        return losses(model, *padded([texts[row] for row in rows], length, end))

    def measure() -> dict:
        """Over the same 2,000 validation captions each time, drawn as in training."""
        random, values = np.random.default_rng(options.seed), []
        for _ in range(40):
            length, rows = drawn_val.draw(50, random)
            values.append(losses(model, *padded([val_texts[row] for row in rows], length, end))[1])
        return {name: round(torch.stack([value[name] for value in values]).mean().item(), 4) for name in values[0]}

    fit(Run(options.out, options.minutes, options.batch, options.rate, options.hold, options.seed), model, losses_of, measure)


if __name__ == "__main__":
    main()
