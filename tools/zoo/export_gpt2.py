"""Writes a trained GPT-2 as a Hugging Face folder, and checks that the folder gives what the run gives.

    python tools/zoo/export_gpt2.py --run DIR --out models/zoo/gpt2-shapes
"""

import argparse
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

from folder_files import load_rounded, report, save_folder
from gpt2_tokenizer import END, START
from train_gpt2 import make_config

MOST_TOKENS = 44


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(options.run / "tokenizer.json"))
    model = GPT2LMHeadModel(make_config(tokenizer))
    counters = load_rounded(options.run, model)
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    # generation_config.json comes from here.
    model.generation_config.update(bos_token_id=start, eos_token_id=end, pad_token_id=end, max_new_tokens=MOST_TOKENS)
    save_folder(model, options.out, options.run)
    ids = torch.tensor([[start, *tokenizer.encode("a red circle and a blue star").ids]])
    again = GPT2LMHeadModel.from_pretrained(options.out, dtype=torch.float32).eval()
    with torch.no_grad():
        report(options.out, model, counters, (again(ids).logits - model(ids).logits).abs().max().item())


if __name__ == "__main__":
    main()
