"""A throw-away container goes, whenever the end comes."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lectern.builder.engine import _thrown_away


class _Container:
    is_there = True

    def remove(self, **_how):
        self.is_there = False


@pytest.fixture
def another_thread():
    """A thread that the system may give a signal to."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(int).result()
        yield threads


@pytest.fixture
def ends_by():
    """Let a signal end the process as Ctrl-C does, which the command `lectern` does for SIGTERM."""
    before = {}

    def end(number):
        before[number] = signal.signal(number, signal.default_int_handler)

    yield end
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("another_thread")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_container_goes_whose_builder_is_ended_while_the_engine_makes_it(sent, ends_by):
    ends_by(sent)
    container = _Container()

    def make():
        os.kill(os.getpid(), sent)
        time.sleep(0.05)  # when the system gave it to the other thread
        return container

    with pytest.raises(KeyboardInterrupt), _thrown_away(make):
        raise AssertionError("the block is not entered")

    assert not container.is_there


def test_a_container_is_made_in_another_thread_than_the_main_one(another_thread):
    container = _Container()

    def run():
        with _thrown_away(lambda: container):
            return container.is_there

    assert another_thread.submit(run).result()
    assert not container.is_there


def test_a_container_goes_when_its_block_fails():
    container = _Container()

    with pytest.raises(ValueError, match="no"), _thrown_away(lambda: container):
        raise ValueError("no")

    assert not container.is_there


def test_what_could_not_be_made_is_not_removed():
    def make():
        raise OSError("refused")

    with pytest.raises(OSError, match="refused"), _thrown_away(make):
        raise AssertionError("the block is not entered")
