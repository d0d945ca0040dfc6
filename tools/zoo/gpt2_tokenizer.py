"""The tokenizer of the zoo's GPT-2: byte-level BPE as GPT-2's, with the start token that MaGiC's language models have.

Writes tokenizer.json and tokenizer_config.json. Must not train the model.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

START, END = "<-start_of_text->", "<|endoftext|>"
POSITIONS = 64


def train_tokenizer(captions: list[str], merges: int = 420) -> Tokenizer:
    """Learns at most `merges` merges; every byte stays encodable. The two special tokens come last, end first."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(
        captions,
        trainers.BpeTrainer(vocab_size=len(alphabet) + merges, initial_alphabet=alphabet, show_progress=False, min_frequency=2),
    )  # fmt: skip
    tokenizer.add_special_tokens([END, START])
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "GPT2Tokenizer",
        "model_max_length": POSITIONS,
        "add_prefix_space": False,
        "errors": "replace",
        "bos_token": START,
        "eos_token": END,
        "pad_token": END,
        "unk_token": END,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
