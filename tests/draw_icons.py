"""Draws the icons of phones' home screens anew from `harbour.svg`: `python -m tests.draw_icons`, when that has changed.

One rule: two colours and what lies between them, so that sixteen shades hold all of it and a file is a few kilobytes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from harbour_api.web.assets import OWN_FILES
from tests.conftest import CHROMIUM

SHADES = 16
# How far from blue (0) to paper (15) each pixel is, by its red: the two colours lie furthest apart in it.
PIXELS = """async ([side, share, source]) => {
  const image = new Image();
  image.src = 'data:image/svg+xml,' + encodeURIComponent(source);
  await image.decode();
  const canvas = new OffscreenCanvas(side, side);
  const pen = canvas.getContext('2d');
  const drawn = side * share;
  pen.fillStyle = '#0b5cad';
  pen.fillRect(0, 0, side, side);
  pen.drawImage(image, (side - drawn) / 2, (side - drawn) / 2, drawn, drawn);
  const data = pen.getImageData(0, 0, side, side).data;
  const shade = (red) => Math.max(0, Math.round(((red - 0x0b) * 15) / (0xfa - 0x0b)));
  return Array.from({ length: side * side }, (_, at) => shade(data[at * 4]));
}"""
BLUE, PAPER = (0x0B, 0x5C, 0xAD), (0xFA, 0xF6, 0xEE)


@dataclass(frozen=True, slots=True)
class Icon:
    """A file, its side in pixels, and how much of it the drawing takes: systems cut a circle out of a maskable one."""

    name: str
    side: int
    share: float = 1.0


ICONS = (Icon("icon-192.png", 192), Icon("icon-512.png", 512), Icon("icon-maskable-512.png", 512, 0.85))
TOUCH = Icon("apple-touch-icon.png", 180)


def main() -> None:
    """Write every icon beside the drawing it is made from."""
    source = (OWN_FILES / "harbour.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        for icon in (*ICONS, TOUCH):
            (OWN_FILES / icon.name).write_bytes(drawn(page, icon, source))
        browser.close()


def drawn(page: Page, icon: Icon, source: str) -> bytes:
    """Return an icon as a PNG of sixteen shades."""
    shades: list[int] = page.evaluate(PIXELS, [icon.side, icon.share, source])
    rows = (shades[at : at + icon.side] for at in range(0, len(shades), icon.side))
    packed = b"".join(
        b"\0" + bytes(one << 4 | other for one, other in zip(row[::2], row[1::2], strict=True)) for row in rows
    )
    head = struct.pack(">IIBBBBB", icon.side, icon.side, 4, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", _palette()), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _palette() -> bytes:
    steps = (step / (SHADES - 1) for step in range(SHADES))
    return bytes(round(low + (high - low) * step) for step in steps for low, high in zip(BLUE, PAPER, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    main()
