"""A service that restarts takes nothing from people at work."""

import contextlib
import subprocess

import httpx
import pytest
from websockets.exceptions import WebSocketException

from tests.support.participant import Participant
from tests.support.stack import wait_until


@pytest.fixture(scope="module")
def ada(stack):
    with stack.at_work("worker") as someone:
        yield someone


@pytest.mark.parametrize("service", ["hub", "proxy", "db"])
def test_a_running_kernel_keeps_its_variables(stack, ada, service):
    kernel = ada.start_kernel()
    ada.execute(kernel, "x = 41")

    stack.restart(service)

    def answer():
        with contextlib.suppress(httpx.HTTPError, WebSocketException, OSError):
            return ada.execute(kernel, "print(x + 1)").text

    assert wait_until(answer, f"a cell runs after the restart of {service}").strip() == "42"

    def can_log_in():
        again = Participant(ada.url, ada.name, ada.password)
        with contextlib.suppress(httpx.HTTPError):
            return again.post_log_in().status_code == 302

    assert wait_until(can_log_in, f"a log-in works after the restart of {service}")


def test_the_database_writes_all_down_before_it_ends(stack):
    stack.restart("db")

    logs = ("docker", "logs", stack.container("db"))
    said = subprocess.run(logs, capture_output=True, text=True, check=True).stderr
    ends = [line for line in said.splitlines() if "database system was" in line]
    assert "database system was shut down at" in ends[-1]
