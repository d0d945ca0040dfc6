"""Models of published families with random weights, as transformers runs them: the peers of bench/families.ts.

Each is made from its configuration class, whose defaults are the published base size, or from what the published
config.json says instead. It is saved the way a repository of the hub keeps it, with a vocabulary of the right size, and
stays in memory. Answers are rows of floats; a text is its code points.
"""
import json
import os

import torch
import transformers as hub

TEXT = "a cat and a dog"
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
HALF = [0.5, 0.5, 0.5]
IMAGENET = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


# Vocabularies: letters alone or inside words, and fillers up to the published size.

def letters():
    return [chr(code) for code in range(ord("a"), ord("z") + 1)]


def filled(known, size):
    """A vocabulary of `size` entries in which `known` (id by token) have their places."""
    taken = set(known.values())
    free = iter(index for index in range(size) if index not in taken)
    vocabulary = dict(known)
    for token in [one for one in letters() if one not in known]:
        vocabulary[token] = next(free)
    return vocabulary, free


def bert_tokenizer(size=30522):
    vocabulary, free = filled({"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}, size)
    for token in ["##" + letter for letter in letters()] + ["?", "."]:
        vocabulary[token] = next(free)
    for index in free:
        vocabulary[f"word{index}"] = index
    return hub.BertTokenizer(vocab=vocabulary, model_max_length=512)


def byte_pairs(known, size, ends):
    """Bytes as GPT-2 writes them, those that end a word with `ends` where they are told apart; no merges."""
    vocabulary, free = filled(known, size)
    for ending in ["", ends] if ends else [""]:
        for token in [letter + ending for letter in letters()] + ([] if ends else ["\u0120"]):
            if token not in vocabulary:
                vocabulary[token] = next(free)
    for index in free:
        vocabulary[f"word{index}"] = index
    return vocabulary


def clip_tokenizer():
    vocabulary = byte_pairs({"<|startoftext|>": 49406, "<|endoftext|>": 49407}, 49408, "</w>")
    return hub.CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)


def roberta_tokenizer():
    known = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 50264}
    return hub.RobertaTokenizer(vocab=byte_pairs(known, 50265, ""), merges=[], model_max_length=512)


def gpt2_tokenizer():
    vocabulary = byte_pairs({"<|endoftext|>": 50256}, 50257, "")
    return hub.GPT2Tokenizer(vocab=vocabulary, merges=[], model_max_length=1024)


def opt_tokenizer():
    known = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    tokens = {name: token for name, token in [("bos_token", "</s>"), ("eos_token", "</s>"), ("unk_token", "</s>")]}
    return hub.GPT2Tokenizer(vocab=byte_pairs(known, 50265, ""), merges=[], pad_token="<pad>", add_bos_token=True,
                             model_max_length=2048, **tokens)


def siglip_tokenizer():
    """Pieces of a sentence, as SentencePiece's unigrams have them."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, decoders
    pieces = ["<pad>", "</s>", "<unk>", "\u2581"] + letters() + ["\u2581" + letter for letter in letters()]
    pieces += [f"word{index}" for index in range(len(pieces), 32000)]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(index)) for index, piece in enumerate(pieces)], unk_id=2))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return hub.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="</s>", eos_token="</s>",
                                       unk_token="<unk>", model_max_length=64)


# Inputs.

def pixels(picture, mean, std, crop=None):
    """[1, 3, height, width] of a picture [height, width, 3] that has the processor's size already."""
    values = (picture / 255 - torch.tensor(mean)) / torch.tensor(std)
    if crop is not None:
        top, left = ((side - crop) // 2 for side in values.shape[:2])
        values = values[top : top + crop, left : left + crop]
    return values.permute(2, 0, 1)[None].contiguous()


def spelled(text):
    return torch.tensor([float(ord(letter)) for letter in text] or [0.0])


def unit(rows):
    return torch.nn.functional.normalize(rows.float(), dim=-1)


def embeddings(model, inputs):
    out = model(**inputs)
    return torch.cat([unit(out.image_embeds).flatten(), unit(out.text_embeds).flatten()])


def best_label(model, inputs):
    return spelled(model.config.id2label[int(model(**inputs).logits[0].argmax())])


def written(model, inputs, tokenizer, request, skip=0, **options):
    beams = request.get("beams")
    least = {} if beams is None else {"min_new_tokens": 16}
    ids = model.generate(**inputs, max_new_tokens=16, do_sample=False, num_beams=beams or 1, **least, **options)
    return spelled(tokenizer.decode(ids[0, skip:], skip_special_tokens=True).strip())


def best_token(model, inputs, tokenizer):
    place = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0, 0]
    return spelled(tokenizer.decode([int(model(**inputs).logits[0, place].argmax())]).strip())


class Made:
    """A model, what it reads, and the files beside it."""

    def __init__(self, model, processor=None, tokenizer=None):
        self.model = model.eval()
        self.processor = processor
        self.tokenizer = tokenizer

    def tokens(self, text=TEXT, **options):
        return dict(self.tokenizer(text, return_tensors="pt", **options))

    def save(self, folder):
        self.model.save_pretrained(folder)
        if self.processor is not None:
            with open(os.path.join(folder, "preprocessor_config.json"), "w") as file:
                json.dump(self.processor, file)
        if self.tokenizer is not None:
            self.tokenizer.save_pretrained(folder)


def two_towers(model, processor, tokenizer, mean, std, crop=None, **options):
    made = Made(model, processor, tokenizer)

    def runner(request, arrays):
        inputs = {**made.tokens(**options), "pixel_values": pixels(arrays["picture"], mean, std, crop)}
        return lambda: embeddings(made.model, inputs)

    return made, runner


def labels_of_picture(model, processor, mean, std):
    made = Made(model, processor)

    def runner(request, arrays):
        inputs = {"pixel_values": pixels(arrays["picture"], mean, std)}
        return lambda: best_label(made.model, inputs)

    return made, runner


def picture_and_text(model, processor, tokenizer, mean, std, answer, mask=False):
    made = Made(model, processor, tokenizer)

    def runner(request, arrays):
        values = pixels(arrays["picture"], mean, std)
        inputs = {**made.tokens(), "pixel_values": values}
        if mask:
            inputs["pixel_mask"] = torch.ones(values.shape[0], *values.shape[2:], dtype=torch.long)
        return lambda: answer(made.model, inputs)

    return made, runner


def processor_of(name, **options):
    return {"image_processor_type": f"{name}ImageProcessor", **options}


def square(name, side, **options):
    return processor_of(name, size={"height": side, "width": side}, **options)


def clip():
    return two_towers(hub.CLIPModel(hub.CLIPConfig()), processor_of("CLIP"), clip_tokenizer(), CLIP_MEAN, CLIP_STD)


def siglip():
    return two_towers(hub.SiglipModel(hub.SiglipConfig()), square("Siglip", 224), siglip_tokenizer(), HALF, HALF,
                      padding="max_length", max_length=64, return_attention_mask=False)


def align():
    processor = processor_of("EfficientNet", size={"height": 346, "width": 346}, resample=0, do_center_crop=True,
                             crop_size={"height": 289, "width": 289}, include_top=False, rescale_offset=False,
                             rescale_factor=1 / 255, image_mean=HALF, image_std=HALF)
    return two_towers(hub.AlignModel(hub.AlignConfig()), processor, bert_tokenizer(), HALF, HALF, crop=289)


def chinese_clip():
    config = hub.ChineseCLIPConfig(text_config={"vocab_size": 21128}, vision_config={"patch_size": 16})
    processor = square("ChineseCLIP", 224, do_center_crop=False)
    return two_towers(hub.ChineseCLIPModel(config), processor, bert_tokenizer(21128), CLIP_MEAN, CLIP_STD)


def groupvit():
    return two_towers(hub.GroupViTModel(hub.GroupViTConfig()), processor_of("CLIP"), clip_tokenizer(), CLIP_MEAN,
                      CLIP_STD)


def xclip():
    # The published files name ImageNet's mean; the processor's class alone would take 0.5.
    processor = processor_of("VideoMAE", image_mean=IMAGENET[0], image_std=IMAGENET[1])
    made = Made(hub.XCLIPModel(hub.XCLIPConfig()), processor, clip_tokenizer())

    def runner(request, arrays):
        frame = pixels(arrays["picture"], *IMAGENET)
        inputs = {**made.tokens([TEXT, "a dog"], padding=True), "pixel_values": frame[:, None].repeat(1, 8, 1, 1, 1)}
        return lambda: made.model(**inputs).logits_per_video.softmax(-1).flatten().sort(descending=True).values

    return made, runner


def vilt():
    config = hub.ViltConfig(num_labels=3129, type_vocab_size=2, modality_type_vocab_size=2)
    return picture_and_text(hub.ViltForQuestionAnswering(config), processor_of("Vilt"), bert_tokenizer(), HALF, HALF,
                            best_label, mask=True)


def bridgetower():
    config = hub.BridgeTowerConfig()
    return picture_and_text(
        hub.BridgeTowerForImageAndTextRetrieval(config), processor_of("BridgeTower"), roberta_tokenizer(), CLIP_MEAN,
        CLIP_STD, lambda model, inputs: model(**inputs).logits.softmax(-1)[0, 1:], mask=True)


def regions_and_text(model, answer):
    made = Made(model, tokenizer=bert_tokenizer())

    def runner(request, arrays):
        inputs = {**made.tokens(), **answer.inputs(arrays)}
        return lambda: answer.answer(made.model, inputs)

    return made, runner


class Lxmert:
    @staticmethod
    def inputs(arrays):
        return {"visual_feats": arrays["regions"][None], "visual_pos": arrays["boxes"][None]}

    @staticmethod
    def answer(model, inputs):
        scores = model(**inputs).question_answering_score[0]
        return spelled(model.config.id2label[int(scores.argmax())])


class VisualBert:
    @staticmethod
    def inputs(arrays):
        return {"visual_embeds": arrays["regions"][None],
                "visual_attention_mask": torch.ones(1, len(arrays["regions"]), dtype=torch.long),
                "visual_token_type_ids": torch.ones(1, len(arrays["regions"]), dtype=torch.long)}

    @staticmethod
    def answer(model, inputs):
        return best_label(model, inputs)


def lxmert():
    config = hub.LxmertConfig(num_qa_labels=9500)
    config.id2label = {index: f"LABEL_{index}" for index in range(9500)}
    return regions_and_text(hub.LxmertForQuestionAnswering(config), Lxmert)


def visual_bert():
    config = hub.VisualBertConfig(visual_embedding_dim=2048, num_labels=3129, pad_token_id=0)
    return regions_and_text(hub.VisualBertForQuestionAnswering(config), VisualBert)


def blip_caption():
    made = Made(hub.BlipForConditionalGeneration(hub.BlipConfig(text_config={"eos_token_id": 102})),
                square("Blip", 384), blip_tokenizer())

    def runner(request, arrays):
        inputs = {"pixel_values": pixels(arrays["picture"], CLIP_MEAN, CLIP_STD)}
        return lambda: written(made.model, inputs, made.tokenizer, request)

    return made, runner


def blip_tokenizer():
    tokenizer = bert_tokenizer()
    tokenizer.add_special_tokens({"bos_token": "[DEC]"})
    tokenizer.add_tokens(["[ENC]"], special_tokens=True)
    return tokenizer


def blip_match():
    made = Made(hub.BlipForImageTextRetrieval(hub.BlipConfig()), square("Blip", 384), blip_tokenizer())

    def runner(request, arrays):
        tokens = made.tokens()
        # The authors match with [ENC] in the place of [CLS]; transformers leaves that to its caller.
        tokens["input_ids"][0, 0] = made.tokenizer.convert_tokens_to_ids("[ENC]")
        inputs = {name: tokens[name] for name in ("input_ids", "attention_mask")}
        inputs["pixel_values"] = pixels(arrays["picture"], CLIP_MEAN, CLIP_STD)
        return lambda: made.model(**inputs).itm_score.softmax(-1)[0, 1:]

    return made, runner


def git():
    made = Made(hub.GitForCausalLM(hub.GitConfig()), processor_of("CLIP"), bert_tokenizer())

    def runner(request, arrays):
        inputs = {"pixel_values": pixels(arrays["picture"], CLIP_MEAN, CLIP_STD)}
        return lambda: written(made.model, inputs, made.tokenizer, request)

    return made, runner


def owlvit():
    made = Made(hub.OwlViTForObjectDetection(hub.OwlViTConfig()), processor_of("OwlViT"), clip_tokenizer())

    def runner(request, arrays):
        inputs = {**made.tokens(padding="max_length", max_length=16),
                  "pixel_values": pixels(arrays["picture"], CLIP_MEAN, CLIP_STD)}
        return lambda: made.model(**inputs).logits.sigmoid().max()[None]

    return made, runner


def clipseg():
    config = hub.CLIPSegConfig(vision_config={"patch_size": 16}, use_complex_transposed_convolution=True)
    made = Made(hub.CLIPSegForImageSegmentation(config), square("ViT", 352, image_mean=IMAGENET[0],
                image_std=IMAGENET[1]), clip_tokenizer())

    def runner(request, arrays):
        inputs = {**made.tokens(), "pixel_values": pixels(arrays["picture"], *IMAGENET)}
        return lambda: made.model(**inputs, interpolate_pos_encoding=True).logits.sigmoid().max()[None]

    return made, runner


def trocr():
    encoder = hub.ViTConfig(image_size=384, qkv_bias=False)
    decoder = hub.TrOCRConfig(cross_attention_hidden_size=768, is_decoder=True, add_cross_attention=True)
    config = hub.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 1, 2
    model = hub.VisionEncoderDecoderModel(config=config)
    model.generation_config.decoder_start_token_id = 2
    model.generation_config.pad_token_id, model.generation_config.eos_token_id = 1, 2
    made = Made(model, square("ViT", 384), roberta_tokenizer())

    def runner(request, arrays):
        inputs = {"pixel_values": pixels(arrays["picture"], HALF, HALF)}
        return lambda: written(made.model, inputs, made.tokenizer, request)

    return made, runner


def flava():
    made = Made(hub.FlavaModel(hub.FlavaConfig()), processor_of("Flava", resample=3), bert_tokenizer())

    def runner(request, arrays):
        inputs = {**made.tokens(), "pixel_values": pixels(arrays["picture"], CLIP_MEAN, CLIP_STD)}

        def run():
            picture = made.model.image_projection(made.model.image_model(inputs["pixel_values"])[0][:, 0])
            words = {name: value for name, value in inputs.items() if name != "pixel_values"}
            text = made.model.text_projection(made.model.text_model(**words)[0][:, 0])
            return torch.cat([unit(picture).flatten(), unit(text).flatten()])

        return run

    return made, runner


def vit():
    return labels_of_picture(hub.ViTForImageClassification(hub.ViTConfig(num_labels=1000)), square("ViT", 224), HALF,
                             HALF)


def beit():
    config = hub.BeitConfig(num_labels=1000, use_relative_position_bias=True, use_mean_pooling=True,
                            layer_scale_init_value=0.1)
    processor = square("Beit", 224, do_center_crop=False)
    return labels_of_picture(hub.BeitForImageClassification(config), processor, HALF, HALF)


def swin_tiny():
    return labels_of_picture(hub.SwinForImageClassification(hub.SwinConfig(num_labels=1000)),
                             square("ViT", 224, resample=3, image_mean=IMAGENET[0], image_std=IMAGENET[1]), *IMAGENET)


def swin_base():
    config = hub.SwinConfig(num_labels=1000, embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32])
    return labels_of_picture(hub.SwinForImageClassification(config),
                             square("ViT", 224, resample=3, image_mean=IMAGENET[0], image_std=IMAGENET[1]), *IMAGENET)


def dinov2():
    config = hub.Dinov2Config(num_labels=1000, image_size=518)
    processor = processor_of("Bit", size={"shortest_edge": 256}, resample=3, do_center_crop=True,
                             crop_size={"height": 224, "width": 224}, image_mean=IMAGENET[0], image_std=IMAGENET[1])
    made = Made(hub.Dinov2ForImageClassification(config), processor)

    def runner(request, arrays):
        inputs = {"pixel_values": pixels(arrays["picture"], *IMAGENET, crop=224)}
        return lambda: best_label(made.model, inputs)

    return made, runner


def fill_mask(model, tokenizer):
    made = Made(model, tokenizer=tokenizer)

    def runner(request, arrays):
        inputs = made.tokens(request["text"])
        return lambda: best_token(made.model, inputs, made.tokenizer)

    return made, runner


def bert():
    return fill_mask(hub.BertForMaskedLM(hub.BertConfig()), bert_tokenizer())


def distilbert():
    return fill_mask(hub.DistilBertForMaskedLM(hub.DistilBertConfig()), bert_tokenizer())


def roberta():
    config = hub.RobertaConfig(max_position_embeddings=514, type_vocab_size=1)
    return fill_mask(hub.RobertaForMaskedLM(config), roberta_tokenizer())


def write(model, tokenizer):
    made = Made(model, tokenizer=tokenizer)

    def runner(request, arrays):
        inputs = made.tokens(request["text"])
        skip = inputs["input_ids"].shape[1]
        pad = model.config.pad_token_id if model.config.pad_token_id is not None else model.config.eos_token_id
        return lambda: written(made.model, inputs, made.tokenizer, request, skip, pad_token_id=pad)

    return made, runner


def gpt2():
    return write(hub.GPT2LMHeadModel(hub.GPT2Config()), gpt2_tokenizer())


def opt():
    return write(hub.OPTForCausalLM(hub.OPTConfig()), opt_tokenizer())


MODELS = {make.__name__: make for make in (
    clip, siglip, align, chinese_clip, groupvit, xclip, flava, vilt, visual_bert, lxmert, bridgetower, blip_caption,
    blip_match, git, owlvit, clipseg, trocr, vit, beit, swin_tiny, swin_base, dinov2, bert, distilbert, roberta, gpt2,
    opt)}


def make_published(request, arrays):
    torch.manual_seed(1)
    # torch_peer.py runs without autograd; weights made in that mode could not be saved.
    with torch.inference_mode(False), torch.no_grad():
        made, runner = MODELS[request["model"]]()
        made.save(request["folder"])
    return runner(request, arrays)
