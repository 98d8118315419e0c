"""Many small languages in one image: each says hello, keeps variables, fails and is interrupted well."""

from tests.support.language_image import faults, language_image, try_languages

SMALL = [
    "algol68",
    "awk",
    "bc",
    "commonlisp",
    "elixir",
    "erlang",
    "gap",
    "graphviz",
    "guile",
    "icon",
    "lua",
    "nasm",
    "pari",
    "perl",
    "php",
    "prolog",
    "rexx",
    "ruby",
    "sqlite",
    "tcl",
]


def test_the_small_languages_live_together():
    with language_image(SMALL) as image:
        results = try_languages(image, SMALL)

    assert faults(results) == {}
