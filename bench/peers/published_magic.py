"""MaGiC as its authors publish it, in PyTorch and transformers: the peer of bench/magic.ts.

All candidates go through the language model with a copy of its cache each, every text through CLIP's text tower from its
start, in one batch; nothing stops at an end token. Tokenizers are those of the tokenizers library.
"""
import json
import os

import torch
import torch.nn.functional as F
import transformers as hub
from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def gpt2_tokenizer(folder):
    with open(os.path.join(folder, "vocab.json")) as file:
        vocabulary = json.load(file)
    with open(os.path.join(folder, "merges.txt")) as file:
        merges = [tuple(line.split()) for line in file.read().split("\n") if line and not line.startswith("#version")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def make_magic(request):
    language = hub.GPT2LMHeadModel.from_pretrained(request["language"]).eval()
    clip = hub.CLIPModel.from_pretrained(request["comparison"]).eval()
    words = gpt2_tokenizer(request["language"])
    texts = Tokenizer.from_file(os.path.join(request["comparison"], "tokenizer.json"))
    texts.enable_padding(pad_id=request["pad"])
    texts.enable_truncation(77)
    picture = F.normalize(torch.tensor(request["picture"]), dim=0)
    k, alpha, beta, steps = (request[name] for name in ("k", "alpha", "beta", "steps"))

    def fit(rows):
        encoded = texts.encode_batch([words.decode(row[-60:], skip_special_tokens=False) for row in rows])
        features = clip.get_text_features(input_ids=torch.tensor([one.ids for one in encoded]),
                                          attention_mask=torch.tensor([one.attention_mask for one in encoded]))
        if not torch.is_tensor(features):
            features = features.pooler_output
        return (F.normalize(features, dim=-1) @ picture * clip.logit_scale.exp()).softmax(0)

    def run():
        out = language(input_ids=torch.tensor([request["prompt"]]), use_cache=True, output_hidden_states=True)
        past, logits, context = out.past_key_values, out.logits[0, -1], out.hidden_states[-1][0]
        written = []
        for _ in range(steps):
            probabilities, candidates = logits.softmax(-1).topk(k)
            past.batch_repeat_interleave(k)
            out = language(input_ids=candidates[:, None], past_key_values=past, use_cache=True, output_hidden_states=True)
            states = out.hidden_states[-1][:, 0]
            penalty = (F.normalize(states, dim=-1) @ F.normalize(context, dim=-1).T).amax(-1)
            magic = fit([written + [token] for token in candidates.tolist()])
            best = int(((1 - alpha) * probabilities - alpha * penalty + beta * magic).argmax())
            written.append(int(candidates[best]))
            past.batch_select_indices(torch.tensor([best]))
            logits, context = out.logits[best, -1], torch.cat([context, states[best : best + 1]])
        return torch.tensor(written, dtype=torch.float32)

    return run
