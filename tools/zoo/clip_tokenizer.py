"""The CLIP-style tokenizer of the zoo: lower case, byte-level BPE with `</w>`, trained on drawn-world captions.

Writes tokenizer.json and tokenizer_config.json that `CLIPTokenizer` loads. Must not train the model.
"""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

START, END = "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"
CONTEXT = 48
# CLIP's pre-tokenisation: contractions, runs of letters, single digits, runs of anything else.
PATTERN = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def _frame(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def train_tokenizer(captions: list[str], merges: int = 420) -> Tokenizer:
    """Learns at most `merges` merges; every byte stays encodable, inside a word and at its end."""
    learner = _frame(models.BPE(end_of_word_suffix=WORD_END))
    learner.train_from_iterator(
        captions,
        trainers.BpeTrainer(vocab_size=512 + merges, end_of_word_suffix=WORD_END, show_progress=False, min_frequency=2),
    )
    learned = [tuple(merge) for merge in json.loads(learner.to_str())["model"]["merges"]][:merges]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = alphabet + [byte + WORD_END for byte in alphabet] + ["".join(merge) for merge in learned] + [START, END]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = _frame(
        models.BPE(
            vocab=vocabulary,
            merges=learned,
            unk_token=END,
            end_of_word_suffix=WORD_END,
            continuing_subword_prefix="",
            fuse_unk=False,
        )
    )
    tokenizer.add_special_tokens([START, END])
    tokenizer.post_processor = processors.RobertaProcessing(
        (END, vocabulary[END]), (START, vocabulary[START]), trim_offsets=False, add_prefix_space=False
    )
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": CONTEXT,
        "do_lower_case": True,
        "add_prefix_space": False,
        "errors": "replace",
        "bos_token": START,
        "eos_token": END,
        "pad_token": END,
        "unk_token": END,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
