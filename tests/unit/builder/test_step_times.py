"""What a build's output tells a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.step_times import StepTimes, read_notice

RUN = "#6 [stage-0 2/9] RUN --mount=type=bind,source=x,target=/srv/build/install-python.bash     "
OUTPUT = [
    "#1 DONE 0.0s",
    RUN + "bash /srv/build/install-python.bash 3.13",
    "#6 0.512 DONE 9.9s is what the step itself wrote",
    "#7 [stage-0 3/9] RUN --mount=x bash /srv/build/finish.bash",
    "#7 DONE 0.2s",
    "#6 DONE 3.9s",
    "#6 DONE 3.9s",
    "#8 [stage-0 4/9] RUN bash /srv/build/install-debian.bash",
    "#8 CACHED",
]


def test_a_step_is_told_when_it_ends_and_took_its_time():
    times = StepTimes()

    assert [told for line in OUTPUT if (told := times.read(line))] == ["install python: 3.9 s"]


@given(st.lists(st.text()))
def test_any_output_is_read(lines):
    times = StepTimes()

    assert all(times.read(line) is None for line in lines if "DONE" not in line)


def test_a_notice_of_a_step_is_read():
    assert read_notice("#9 0.512 notice: postBuild: not kept: a.txt \n") == "postBuild: not kept: a.txt"


@pytest.mark.parametrize(
    "line", ["notice: x", "#9 0.5 a notice: x", "#9 [2/3] RUN echo notice: x", "#9 0.5 notice: "]
)
def test_what_only_mentions_a_notice_is_none(line):
    assert read_notice(line) is None
