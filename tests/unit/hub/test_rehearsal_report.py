"""What a rehearsal's report says."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.errors import SettingError
from lectern.hub.rehearsal import cells_of, rehearse
from lectern.hub.rehearsal_report import PHASES, Journey, Report, Use
from lectern.settings import Settings

GB = 1 << 30


def report(*journeys, memory=None, others=()):
    return Report(journeys, memory or Use("memory", 24 * GB, 9 * GB, GB), tuple(others))


def test_the_verdict_says_who_is_ready_when_and_how_many_could_come():
    people = [Journey(f"rehearsal-{place:03}", (1.0, 2.0, 40.0, 48.0, 60.0)) for place in range(60)]

    said = report(*people).verdict()

    assert said.startswith("60 of 60 ready in 48 s; memory left 9.0 GB; you can have 92\nmemory would")


def test_what_would_run_out_first_is_what_the_fewest_could_share():
    one = Journey("a", (1.0, 2.0, 3.0, 4.0, 5.0))
    disk = Use("disk", 10 * GB, 8 * GB, 0)

    assert report(one, others=[disk]).bounds() == {"memory": 1, "disk": 5}


def test_a_failure_is_told_and_makes_the_rehearsal_fail():
    good, bad = Journey("a", (1.0, 2.0, 3.0, 4.0, 5.0)), Journey("b", (1.0,), "/hub/login: 403")

    failed = report(good, bad)

    assert not failed.is_good
    assert failed.verdict().startswith("1 of 2 ready in 4 s")
    assert "failed: /hub/login: 403" in failed.verdict()


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(0, 100), max_size=len(PHASES)).map(sorted), st.text("<>&é ", max_size=9)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_picture_is_well_formed_whatever_happened(people):
    journeys = [Journey(f"p{place}", tuple(ends), why) for place, (ends, why) in enumerate(people)]

    picture = ET.fromstring(report(*journeys).picture())

    assert sum(
        "p" in (text.text or "")[:1] for text in picture.iter("{http://www.w3.org/2000/svg}text")
    ) >= len(people)


def test_a_check_is_read_as_markdown_notebook_or_program():
    assert cells_of("/srv/env/check.md\n# Hello\n```python\na = 1\n```\n```r\nx\n```\n") == ["a = 1\n"]
    assert cells_of("/srv/env/check.py\nassert 1\n") == ["assert 1\n"]
    notebook = (
        '{"cells": [{"cell_type": "markdown", "source": []}, {"cell_type": "code", "source": ["b", "c"]}]}'
    )
    assert cells_of(f"/srv/env/check.ipynb\n{notebook}") == ["bc"]
    assert cells_of("") == []


@pytest.mark.parametrize("language", ["", " python", " ipython3", " python3"])
def test_a_cell_in_python_is_run(language):
    assert cells_of(f"/srv/env/check.md\n```{{code-cell}}{language}\na = 1\n```\n") == ["a = 1\n"]


@pytest.mark.parametrize("language", [" r", " julia", " c++", " pythran"])
def test_a_cell_in_another_language_is_left_out(language):
    assert cells_of(f"/srv/env/check.md\n```{{code-cell}}{language}\na <- 1\n```\n") == []


@pytest.mark.parametrize("indent", ["", "  "])
def test_cells_without_a_language_are_in_the_notebooks(indent):
    head = f"---\n{indent}kernelspec:\n{indent}  display_name: R\n{indent}  name: ir\n---\n"

    assert cells_of(f"/srv/env/check.md\n{head}```{{code-cell}}\na <- 1\n```\n") == []


@pytest.mark.parametrize(
    ("kernelspec", "cells"),
    [
        ({"name": "ir", "display_name": "R"}, []),
        ({"name": "julia-1.11", "language": "julia"}, []),
        ({"name": "of-mine", "language": "python"}, ["a"]),
        ({"name": "python3"}, ["a"]),
    ],
)
def test_a_notebooks_cells_are_run_when_it_is_in_python(kernelspec, cells):
    notebook = {"metadata": {"kernelspec": kernelspec}, "cells": [{"cell_type": "code", "source": ["a"]}]}

    assert cells_of(f"/srv/env/check.ipynb\n{json.dumps(notebook)}") == cells


async def test_nobody_rehearses_without_codes_and_passwords():
    with pytest.raises(SettingError) as caught:
        await rehearse(1, Settings(login="campus.Card"), is_forced=True)

    assert caught.value.where == "LECTERN_LOGIN=campus.Card"
    assert "native" in caught.value.hint
