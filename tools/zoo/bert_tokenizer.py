"""The tokenizer of the zoo's BERT: lower case, WordPiece, trained on drawn-world captions.

Writes tokenizer.json and tokenizer_config.json. Must not train the model.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

PAD, UNKNOWN, FIRST, LAST, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL = [PAD, UNKNOWN, FIRST, LAST, MASK]
POSITIONS = 64


def train_tokenizer(captions: list[str], size: int = 400) -> Tokenizer:
    """At most `size` pieces, letters and digits among them, so that any English word can be spelled."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    # One text a letter, alone and inside a word, so that both pieces are in the vocabulary.
    alphabet = [f"{letter} {letter}{letter}" for letter in letters]
    tokenizer.train_from_iterator(
        captions + alphabet, trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False)
    )
    ends = [(mark, tokenizer.token_to_id(mark)) for mark in (LAST, FIRST)]
    tokenizer.post_processor = processors.BertProcessing(*ends)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "BertTokenizer",
        "model_max_length": POSITIONS,
        "do_lower_case": True,
        "pad_token": PAD,
        "unk_token": UNKNOWN,
        "cls_token": FIRST,
        "sep_token": LAST,
        "mask_token": MASK,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
