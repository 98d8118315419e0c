"""The example environments build, and hold what they promise."""

import pytest

from tests.support.builder import Builder
from tests.support.stack import ROOT

#: Built in each run; `paper` is large (tests/languages), and Julia's servers are for `julia-start` alone.
BUILT = ["data-literacy", "geo", "minimal-python", "polyglot", "r-statistics"]
LATER = ["julia-start", "paper"]


def test_every_example_is_tried_somewhere():
    assert sorted(BUILT + LATER) == sorted(path.name for path in (ROOT / "environments").iterdir())


@pytest.mark.parametrize("name", BUILT)
def test_an_example_builds_and_holds_what_it_promises(stack, name):
    builder = Builder(stack)

    builder.build(ROOT / "environments" / name)

    builder.inside(builder.image(name, builder.releases(name)[-1]["commit"]), "/srv/env/verify")
