"""WCAG AA holds for every pair of colours that meet."""

import re

import pytest

from lectern.web.assets import FOLDER

COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);",
        (FOLDER / "style.css").read_text(encoding="utf-8"),
    )
}
GROUNDS = ("paper", "surface", "sunken")
TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "accent", "accent-strong", "danger") for ground in GROUNDS),
    *((f"{kind}-ink", f"{kind}-surface") for kind in ("info", "good", "warning", "danger")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
]
EDGES = [("edge", ground) for ground in GROUNDS]


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Compute WCAG's ratio, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_the_scale_s_end():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink, ground, theme):
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_fields_can_be_seen(edge, ground, theme):
    assert contrast(COLOURS[edge][theme], COLOURS[ground][theme]) >= 3


def test_every_colour_stands_among_the_variables():
    text = (FOLDER / "style.css").read_text(encoding="utf-8")

    assert set(re.findall(r"#[0-9a-f]{6}\b", text)) == {
        colour for pair in COLOURS.values() for colour in pair
    }
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= set(re.findall(r"--([\w-]+):", text))
