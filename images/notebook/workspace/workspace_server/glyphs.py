"""Which characters no font draws: asked of Typst itself, which alone knows all that it falls back on."""

from __future__ import annotations

import re

# What the fonts inside the typst package draw: Latin, Greek, Cyrillic; punctuation, arrows, mathematics.
_BUILT_IN = (range(0x0530), range(0x1D00, 0x2C00), range(0xFE00, 0xFE10), range(0x1D400, 0x1D800))
#: No character, so no font has it: what is drawn for it is drawn for all that have no letter.
_NOTHING = "\U0010ffff"
_PAGES = "#set page(width: 3em, height: 2em, margin: 1pt)\n"


def missing(text: str) -> str:
    """Give the characters of a text that would be drawn as empty boxes, each once, in order.

    Parameters
    ----------
    text : str
        Any text.
    """
    foreign = {c for c in text if c.isprintable() and not any(ord(c) in block for block in _BUILT_IN)}
    if not foreign:
        return ""
    import typst

    asked = [_NOTHING, *sorted(foreign)]
    source = _PAGES + "#pagebreak()\n".join(f'#"\\u{{{ord(c):x}}}"\n' for c in asked)
    pages = typst.compile(source.encode(), format="svg")
    drawn = [set(re.findall(r'href="(#g\w+)"', page.decode())) for page in pages]
    return "".join(c for c, glyphs in zip(asked[1:], drawn[1:], strict=True) if drawn[0] <= glyphs)
