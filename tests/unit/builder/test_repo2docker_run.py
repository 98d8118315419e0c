"""A run of repo2docker keeps its log and tells what a person should know."""

import logging

import pytest

from lectern.builder.limits import Limits
from lectern.builder.repo2docker_run import run
from lectern.errors import BuildError

LIMITS = Limits(1 << 30, 1 << 30, 2000)


class App:
    """Says lines as repo2docker does; ends as it is told."""

    log = logging.getLogger("app-of-a-test")
    output_image_spec = "lectern/env/statistics:building-1"

    def __init__(self, *lines, problem=None):
        self._lines, self._problem = lines, problem

    def build(self):
        for line in self._lines:
            self.log.info(line)
        if self._problem:
            raise self._problem


class Heard:
    def __init__(self):
        self.steps, self.notices = [], []

    def step(self, text):
        self.steps.append(text)

    def notice(self, text):
        self.notices.append(text)


@pytest.fixture
def heard():
    return Heard()


def test_notices_of_steps_are_told_and_not_without_end(tmp_path, heard):
    run(App(*(f"#3 0.1 notice: number {n}" for n in range(40))), tmp_path / "x/log", LIMITS, heard)

    assert heard.notices == [f"number {n}" for n in range(10)]
    assert (tmp_path / "x/log").read_text().count("notice") == 40


def test_what_fails_shows_its_last_lines_and_where_the_log_is(tmp_path, heard):
    app = App("first", *(f"line {n}" for n in range(30)), problem=ValueError("x"))

    with pytest.raises(BuildError, match="could not be built") as caught:
        run(app, tmp_path / "log", LIMITS, heard)

    assert caught.value.where == "statistics"
    assert "line 29" in caught.value.what
    assert "first" not in caught.value.what
    assert str(tmp_path / "log") in caught.value.hint


def test_a_log_that_becomes_too_long_ends_the_build(tmp_path, heard):
    with pytest.raises(BuildError, match="more into its log than it may"):
        run(App("x" * 1500, "y" * 1500), tmp_path / "log", LIMITS, heard)


def test_a_limit_that_a_step_exceeded_is_what_is_told(tmp_path, heard):
    app = App(
        "#5 1.2 error: postBuild: needs more than 300 MB of memory\n#5 1.2 hint: let it do less",
        "#5 ERROR: exit code: 99",
        problem=ValueError("x"),
    )

    with pytest.raises(BuildError, match="needs more than 300 MB") as caught:
        run(app, tmp_path / "log", LIMITS, heard)

    assert caught.value.where == "postBuild"
