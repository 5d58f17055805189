"""Our own icons: one sprite, drawn on a grid of 24 with one stroke, in the colour of the words they stand beside.

One rule: an icon never speaks alone. It is hidden from screen readers, and the word beside it says the same.
"""

from __future__ import annotations

import re

from markupsafe import Markup

SPRITE = "icons.svg"
NEUTRAL = "other"  # the vocabulary may grow faster than the drawings
_SYMBOL = re.compile(r'<symbol id="i-(\w+)".*?</symbol>', re.DOTALL)
_USE = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{address}#i-{name}"/></svg>'


class Sprite:
    """All drawings by name, and the address of the file that has them."""

    def __init__(self, text: str, address: str) -> None:
        self.symbols = {found[1]: found[0] for found in _SYMBOL.finditer(text)}
        self.address = address

    def known(self, name: str) -> str:
        """Return the name itself where it is drawn, else the neutral one's."""
        return name if name in self.symbols else NEUTRAL


class PageIcons:
    """The icons of one page: `icon("water")` points to the sprite's file, `icon.here("water")` into the page itself.

    A page that must come in one request uses `here` throughout and ends with `icon.carried()`.
    """

    def __init__(self, sprite: Sprite) -> None:
        self._sprite = sprite
        self._carried: dict[str, str] = {}

    def __call__(self, name: str) -> Markup:
        """Return an icon that the browser takes from the sprite's file."""
        return _use(self._sprite.address, self._sprite.known(name))

    def here(self, name: str) -> Markup:
        """Return an icon whose drawing the page carries."""
        known = self._sprite.known(name)
        self._carried[known] = self._sprite.symbols[known]
        return _use("", known)

    def carried(self) -> Markup:
        """Return the drawings that `here` has asked for so far."""
        drawings = "".join(self._carried.values())
        return Markup(f'<svg hidden aria-hidden="true">{drawings}</svg>')  # noqa: S704  our own file's text


def _use(address: str, name: str) -> Markup:
    return Markup(_USE.format(address=address, name=name))  # noqa: S704  an address and a name of our own
