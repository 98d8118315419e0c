"""Every language of the catalogue works in an image, without network, under a participant's limits.

UPDATE=1 measures what each adds to the notebook image, and writes it into its data.
"""

import os
import re

import pytest

from lectern.builder.languages import reference
from lectern.builder.languages.catalogue import read_catalogue
from tests.support.language_image import DATA, ROOT, faults, language_image, measured_sizes, try_languages

GROUPS = {
    "small": "algol68 awk bash bc commonlisp dc elixir erlang gap gnuplot graphviz guile icon lua nasm pari "
    "perl php prolog rexx ruby sqlite tcl zsh",
    "gcc": "ada c cobol cpp csharp d fortran modula2 objc pascal vala",
    "virtual-machines": "clojure deno groovy java javascript kotlin",
    "compilers": "crystal go rust zig",
    "functional": "haskell ocaml python r racket scheme",
    "mathematics": "coq macaulay2 maxima minizinc octave",
}

#: Julia is no package: the tests of its own steps run it.
ELSEWHERE = ["julia"]


def test_every_language_is_in_one_group():
    assert sorted([*" ".join(GROUPS.values()).split(), *ELSEWHERE]) == list(read_catalogue())


@pytest.mark.parametrize("group", GROUPS)
def test_the_languages_of_a_group_work(group):
    keys = GROUPS[group].split()

    with language_image(keys) as image:
        results = try_languages(image, keys)

    assert faults(results) == {}


def test_sizes_are_those_of_the_packages():
    sizes = measured_sizes()
    if os.environ.get("UPDATE"):
        write_sizes(sizes)

    # A package grows and shrinks with Debian's updates; what a teacher is told stays about right.
    told = {key: language.size_mb for key, language in read_catalogue().items()}
    assert {
        key: (told[key], size) for key, size in sizes.items() if abs(told[key] - size) > 10 + size // 5
    } == {}


def write_sizes(sizes):
    for key, size_mb in sizes.items():
        path = DATA / f"{key}.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^size_mb = .*", f"size_mb = {size_mb}", text), encoding="utf-8")
    read_catalogue.cache_clear()
    (ROOT / "docs/reference/languages.md").write_text(reference.markdown(), encoding="utf-8")
