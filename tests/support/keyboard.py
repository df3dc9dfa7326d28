"""A page worked by its keys alone: Tab leads to everything, what has the focus is seen, and nothing keeps it."""

from __future__ import annotations

from typing import Any

_MOST = 250
"""Presses of Tab after which a control counts as not reached."""
_FOCUS = """() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  const seen = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {body: node === document.body, seen, inside, what: node.outerHTML.slice(0, 120)};
}"""
# WCAG 2.2, 2.5.8: 24 CSS pixels either way; a box with a label has the label for its target, links in a sentence are
# excepted.
_SMALL = """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary, nav a')]
  .filter(node => node.checkVisibility())
  .map(node => [node, (node.type === 'checkbox' && node.closest('label') || node).getBoundingClientRect()])
  .filter(([node, box]) => box.width < 24 || box.height < 23.99)
  .map(([node, box]) => `${node.outerHTML.slice(0, 100)} ${box.width} x ${box.height}`)"""


def tab_to(tab: Any, wanted: Any, *, ours: bool = True) -> None:
    """Press Tab until the element `wanted` has the focus; on pages of `ours` each focus on the way must be seen."""
    wanted.wait_for(state="attached")
    for _ in range(_MOST):
        tab.keyboard.press("Tab")
        if ours:
            found = tab.evaluate(_FOCUS)
            assert found["body"] or (found["seen"] and found["inside"]), f"a focus that is not seen: {found['what']}"
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"not reached by {_MOST} presses of Tab: {wanted}")


def press(tab: Any, wanted: Any, key: str = "Enter", *, ours: bool = True) -> None:
    """Reach an element by Tab and press a key on it."""
    tab_to(tab, wanted, ours=ours)
    tab.keyboard.press(key)


def check(tab: Any, width: int) -> None:
    """The page in the tab: axe finds nothing serious, nothing scrolls sideways, targets are large enough to touch."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    serious = [(each["id"], each["nodes"][0]["target"]) for each in found if each["impact"] in ("serious", "critical")]
    assert serious == [], tab.url
    assert tab.evaluate("document.documentElement.scrollWidth") <= width, tab.url
    assert tab.evaluate(_SMALL) == [], tab.url
