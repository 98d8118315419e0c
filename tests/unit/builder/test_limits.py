"""How much a build may take."""

import ast
import os
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.limits import Limits, excess, program, within
from lectern.errors import BuildError

LIMITS = Limits(memory_bytes=1, disk_bytes=2, log_bytes=3)
LOG = """\
#6 0.31 error: someone: else said so
#6 0.32 hint: but it is output
#6 0.36 error: postBuild: began more than 2000 processes
#6 0.36 hint: find what starts programs without end
#6 ERROR: executor failed running [/bin/sh -c exec …]: exit code: 99
------
 > [2/3] RUN bash:
0.363 error: postBuild: began more than 2000 processes
0.363 hint: find what starts programs without end
------
"""


def test_the_limits_are_in_the_program():
    text = program(LIMITS, where="the trial")

    assert "\nLIMITS = {'memory_bytes': 1, 'disk_bytes': 2, 'log_bytes': 3" in text
    assert "'where': 'the trial'" in text
    ast.parse(text)


def test_a_log_tells_which_limit_was_exceeded():
    error = excess(LOG)

    assert (error.where, error.what) == ("postBuild", "began more than 2000 processes")
    assert error.hint == "find what starts programs without end"


def test_a_failure_of_another_kind_exceeds_nothing():
    assert excess(LOG.replace("exit code: 99", "exit code: 1")) is None


@given(st.text())
def test_any_log_is_read(log):
    assert excess(log) is None or "exit code: 99" in log


def test_what_takes_too_long_is_ended():
    with pytest.raises(BuildError, match="did not end within 30 s") as caught, within(30):
        os.kill(os.getpid(), signal.SIGALRM)  # as the clock does

    assert "LECTERN_BUILD_TIMEOUT_S" in caught.value.hint


def test_what_ends_in_time_is_left_alone():
    before = signal.getsignal(signal.SIGALRM)
    with within(30):
        pass

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
