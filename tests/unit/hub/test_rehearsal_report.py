"""What a rehearsal's report says."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.rehearsal import cells_of
from lectern.hub.rehearsal_report import PHASES, Journey, Report, Use

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
