"""The encoder of a BERT in integers of 8 bits, by torch alone: each weight row and each token has a scale of its own.

Weights are rounded once, to 127 steps either way of a row's largest. What goes into a product is rounded likewise,
token by token, and where it costs most also what the rounding left, to 254 parts of a step. The product itself is that
of `torch._int_mm`: exact and fast where a processor has VNNI, and without it sums of two that pass 16 bits are cut.

A scale per token is what torch's own dynamic quantisation lacks: E5 has units that are far larger than all others, and
one scale for a whole batch costs a cosine of .98. The method is the vector-wise quantisation of LLM.int8 (Dettmers et
al. 2022, section 2), without its outliers apart. With one rounding the cosine is .9992, and a set of 49 articles lost
.036 of its B-cubed F1 by a story that fell apart. With two it is .9999, which is what the weights cost. Attention,
normalisation and the activation stay in float32.

A batch is worked on in parts of about `PART_TOKENS` tokens, each only as wide as its own longest text: intermediate
results then stay in the processor's cache, and short texts are not padded to the longest of the batch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from pipeline.errors import ConfigurationError

PART_TOKENS = 1024
"""Measured: see docs/notes/2026-11-27-multilingual-model.md."""
_STEPS = 127.0
_PARTS = 2 * _STEPS  # of a step, of which rounding leaves half at most


def missing() -> str:
    """What this machine lacks to compute in integers faster than in float32, in a few words; empty where nothing is.

    Measured are x86-64 with AVX2, AVX512 and VNNI. Without oneDNN torch multiplies integers 25 times as slowly as
    float32 (docs/notes/2026-11-27-multilingual-model.md).
    """
    if not hasattr(torch, "_int_mm") or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return "torch has no products of integers by oneDNN"
    known: str = torch.backends.cpu.get_cpu_capability()
    return "" if known.startswith("AVX") else f"the processor has no AVX2, or torch does not use it ({known.lower()})"


class _Product(torch.nn.Module):
    """A linear layer: int8 weights (in, out), a scale for each output, and the bias in float32.

    A `fine` one also multiplies what was left of its input when that was rounded.
    """

    def __init__(self, *layers: torch.nn.Linear, fine: bool = False) -> None:
        super().__init__()
        self.fine = fine
        weight = torch.cat([layer.weight.detach() for layer in layers]).float()
        scale = weight.abs().amax(1, keepdim=True).clamp_min(1e-12) / _STEPS
        self.weight = torch.round(weight / scale).to(torch.int8).t()
        self.scale = scale.t().contiguous()
        self.bias = torch.cat([layer.bias.detach() for layer in layers]).float()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(tokens, in) float32 -> (tokens, out) float32."""
        scale = tokens.abs().amax(1, keepdim=True).clamp_min_(1e-12).mul_(1 / _STEPS)
        exact = tokens / scale
        steps = exact.round()
        if not self.fine:
            found = torch._int_mm(steps.to(torch.int8), self.weight).float()
        else:
            left = exact.sub_(steps).mul_(_PARTS).round_()
            both = torch._int_mm(torch.cat([steps, left]).to(torch.int8), self.weight).float()
            found = both[: len(tokens)].add_(both[len(tokens) :], alpha=1 / _PARTS)
        return found.mul_(scale).mul_(self.scale).add_(self.bias)


class _Layer(torch.nn.Module):
    """One layer of a BERT."""

    def __init__(self, layer: Any, heads: int) -> None:
        super().__init__()
        own = layer.attention.self
        self.heads = heads
        self.asked = _Product(own.query, own.key, own.value, fine=True)
        self.mixed = _Product(layer.attention.output.dense)
        self.widened = _Product(layer.intermediate.dense, fine=True)
        self.narrowed = _Product(layer.output.dense, fine=True)
        self.first_norm = layer.attention.output.LayerNorm
        self.second_norm = layer.output.LayerNorm

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor | None, texts: int) -> torch.Tensor:
        """(texts * length, hidden) -> the same."""
        count, hidden = tokens.shape
        parts = self.asked(tokens).view(texts, count // texts, 3, self.heads, hidden // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        tokens = self.first_norm(self.mixed(seen.permute(0, 2, 1, 3).reshape(count, hidden)).add_(tokens))
        return torch.as_tensor(self.second_norm(self.narrowed(functional.gelu(self.widened(tokens))).add_(tokens)))


class _Encoder(torch.nn.Module):
    """Stands where the transformer stood, with its configuration. CPU only."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.config = transformer.config
        self.device = torch.device("cpu")
        self.dtype = torch.float32
        self.embeddings = transformer.embeddings
        heads = self.config.num_attention_heads
        self.layers = torch.nn.ModuleList(_Layer(layer, heads) for layer in transformer.encoder.layer)

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None, **_: object) -> Any:
        from transformers.modeling_outputs import BaseModelOutput

        lengths = attention_mask.sum(1)
        texts, width = input_ids.shape
        found = torch.zeros(texts, width, self.config.hidden_size)
        start = 0
        while start < texts:
            end, longest = self._part(lengths, start)
            kinds = None if token_type_ids is None else token_type_ids[start:end, :longest]
            told = self.embeddings(input_ids=input_ids[start:end, :longest], token_type_ids=kinds)
            found[start:end, :longest] = self._encoded(told, attention_mask[start:end, :longest])
            start = end
        return BaseModelOutput(last_hidden_state=found)

    @staticmethod
    def _part(lengths: Any, start: int) -> tuple[int, int]:
        """Where a part that begins at a text ends, and its longest length: as many texts as its tokens allow."""
        end, longest = start + 1, int(lengths[start])
        while end < len(lengths):
            wider = max(longest, int(lengths[end]))
            if wider * (end + 1 - start) > PART_TOKENS:
                break
            end, longest = end + 1, wider
        return end, longest

    def _encoded(self, told: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        texts, length, hidden = told.shape
        mask = None if bool(there.all()) else there[:, None, None, :].bool()
        tokens = told.reshape(texts * length, hidden)
        for layer in self.layers:
            tokens = layer(tokens, mask, texts)
        return tokens.view(texts, length, hidden)


def accelerate(model: Any) -> None:
    """Replace the transformer inside a sentence-transformers model in place.

    Raises `ConfigurationError` where it is no BERT whose padding stands at the end, or this machine is slow at it.
    """
    if lacks := missing():
        raise ConfigurationError(f"WIREWATCH_BACKEND=int8 would be slower than torch here: {lacks}; set it to torch")
    transformer: Any = getattr(model[0], "model", None)
    right = getattr(getattr(model, "tokenizer", None), "padding_side", "right") == "right"
    if not right or getattr(getattr(transformer, "config", None), "model_type", None) != "bert":
        raise ConfigurationError("WIREWATCH_BACKEND=int8 is for models of the kind BERT; set it to torch for this one")
    if getattr(transformer.config, "hidden_act", None) != "gelu":
        raise ConfigurationError("WIREWATCH_BACKEND=int8 knows the activation gelu alone; set it to torch")
    with torch.no_grad():
        model[0].model = _Encoder(transformer).eval()
