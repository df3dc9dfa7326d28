"""JSON-LD objects that are named in one place and described in another, put together by their ``@id``.

Editing systems write people, outlets and pictures once and refer to them (``"author": {"@id": "#ada"}``), within one
script or across several. https://www.w3.org/TR/json-ld11/#node-identifiers
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

JsonObject = Mapping[str, Any]

# A publisher is not among them: on a person's own site it is that person, who would then be taken for the outlet.
_REFERRING = ("author", "creator", "contributor", "image")
_MAX_DEPTH = 8  # lists and objects within each other; the deepest graphs of editing systems have five
_MAX_OBJECTS = 2_000  # a page that describes more is no article


def resolved(nodes: Sequence[JsonObject]) -> list[JsonObject]:
    """The objects, with what they refer to as author or picture in the place of the reference.

    A reference is an object with the ``@id`` of another, or a string that is one. One that names nothing on the page
    stays as it is.
    """
    known = _described(nodes)
    if not known:
        return list(nodes)
    return [{key: _put(value, known) if key in _REFERRING else value for key, value in node.items()} for node in nodes]


def _put(value: Any, known: Mapping[str, JsonObject], depth: int = 0) -> Any:
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [_put(each, known, depth + 1) for each in value]
    if isinstance(value, str):
        return known.get(value.strip(), value)
    if isinstance(value, Mapping):
        for key in ("@list", "@set"):
            if isinstance(value.get(key), list):
                return _put(value[key], known, depth + 1)
        told = known.get(_id(value)) or known.get(_fragment(_id(value)))
        if told is not None:
            return {**told, **value}
        inner = value.get("author")  # schema.org's Role stands around its person
        return value if inner is None else {**value, "author": _put(inner, known, depth + 1)}
    return value


def _described(nodes: Sequence[JsonObject]) -> dict[str, JsonObject]:
    """What each ``@id`` names, and each fragment of one that no other shares; references describe nothing."""
    known: dict[str, JsonObject] = {}
    fragments: dict[str, list[JsonObject]] = {}
    for node in _objects(nodes):
        identity = _id(node)
        if not identity or len(node) < 2 or not _names(node):
            continue
        known[identity] = {**known.get(identity, {}), **node}
    for identity, node in known.items():
        if fragment := _fragment(identity):
            fragments.setdefault(fragment, []).append(node)
    return {**{fragment: found[0] for fragment, found in fragments.items() if len(found) == 1}, **known}


def _objects(nodes: Sequence[JsonObject]) -> Iterator[JsonObject]:
    waiting: list[tuple[Any, int]] = [(list(nodes), 0)]
    seen = 0
    while waiting and seen < _MAX_OBJECTS:
        value, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, Mapping):
            seen += 1
            yield value
            waiting.extend((each, depth + 1) for each in value.values() if isinstance(each, list | Mapping))
        elif isinstance(value, list):
            waiting.extend((each, depth + 1) for each in reversed(value) if isinstance(each, list | Mapping))


def _names(node: JsonObject) -> bool:
    return any(node.get(key) for key in ("name", "givenName", "familyName", "url"))


def _id(node: JsonObject) -> str:
    identity = node.get("@id", node.get("id"))
    return identity.strip() if isinstance(identity, str) else ""


def _fragment(identity: str) -> str:
    """The part of an ``@id`` from its # on: templates write the page's address before it in one place and not in
    another."""
    return identity[identity.index("#") :] if "#" in identity else ""
