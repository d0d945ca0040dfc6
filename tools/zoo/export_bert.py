"""Writes a trained BERT as a Hugging Face folder that sentence-transformers reads too, and checks it.

    python tools/zoo/export_bert.py --run DIR --out models/zoo/bert-shapes
"""

import argparse
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertForMaskedLM

from folder_files import load_rounded, report, save_folder
from train_bert import make_config

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]


def write_sentence_form(out: Path, width: int) -> None:
    """A text's vector is the mean over its tokens."""
    (out / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": width, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (out / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=2) + "\n")
    (out / "modules.json").write_text(json.dumps(MODULES, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(options.run / "tokenizer.json"))
    model = BertForMaskedLM(make_config(tokenizer))
    counters = load_rounded(options.run, model)
    save_folder(model, options.out, options.run)
    write_sentence_form(options.out, model.config.hidden_size)
    ids = torch.tensor([tokenizer.encode("a red circle and a blue star").ids])
    again = BertForMaskedLM.from_pretrained(options.out, dtype=torch.float32).eval()
    with torch.no_grad():
        report(options.out, model, counters, (again(ids).logits - model(ids).logits).abs().max().item())


if __name__ == "__main__":
    main()
