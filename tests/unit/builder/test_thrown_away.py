"""A throw-away container goes, whenever the end comes."""

import os
import signal

import pytest

from lectern.builder.engine import _thrown_away


class _Container:
    is_there = True

    def remove(self, **_how):
        self.is_there = False


def test_a_container_goes_whose_builder_is_interrupted_while_the_engine_makes_it():
    container = _Container()

    def make():
        os.kill(os.getpid(), signal.SIGINT)
        return container

    with pytest.raises(KeyboardInterrupt), _thrown_away(make):
        raise AssertionError("the block is not entered")

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
