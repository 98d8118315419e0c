"""What an example environment declares is understood without a word of complaint."""

from pathlib import Path

import pytest

from lectern.builder.declaration import read_declaration

EXAMPLES = sorted(path for path in (Path(__file__).parents[3] / "environments").iterdir() if path.is_dir())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_read_without_notices(example):
    declaration = read_declaration(example)

    assert declaration.notices == ()
    assert declaration.check == "check.md"


def test_the_julia_example_declares_a_julia_project():
    julia = read_declaration(next(path for path in EXAMPLES if path.name == "julia-start")).julia

    assert julia is not None
    assert "DataFrames" in julia.project
