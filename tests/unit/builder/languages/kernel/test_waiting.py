"""A program that waits for a line is told from one that waits for something else, or computes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lectern.builder.languages.kernel.waiting import waits_for

READS = {
    "read": "import sys; sys.stdin.readline()",
    "read in a thread": "import threading, sys; threading.Thread(target=sys.stdin.readline).start()",
    "poll": "import select; p = select.poll(); p.register(0, select.POLLIN); p.poll()",
    "select": "import select; select.select([0], [], [])",
    "epoll": "import select; p = select.epoll(); p.register(0, select.EPOLLIN); p.poll()",
    "a set of epoll's": "import select; p = select.epoll(); p.register(0, 1); select.select([p], [], [])",
}
READS_NOT = {
    "sleeps": "import time; time.sleep(60)",
    "computes": "while True: pass",
    "polls nothing": "import select; select.poll().poll(60_000)",
    "polls for something else": "import select; p = select.poll(); p.register(0, select.POLLPRI); p.poll()",
    "selects another file": "import os, select; r, w = os.pipe(); select.select([r], [], [])",
    "watches another file": "import os, select; p = select.epoll(); p.register(os.pipe()[0], 1); p.poll()",
    "reads another file": "import os; r, w = os.pipe(); os.read(r, 1)",
}


@pytest.fixture
def program():
    """Give a function that begins a program whose stdin is a pipe, and gives its folder and the pipe."""
    begun = []

    def begin(code):
        ready = "import os; os.write(1, b'.')\n"
        process = subprocess.Popen(
            [sys.executable, "-c", f"{ready}{code}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        begun.append(process)
        process.stdout.read(1)
        return Path(f"/proc/{process.pid}"), os.fstat(process.stdin.fileno()).st_ino

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", READS)
def test_whoever_waits_for_a_line_is_found(program, how):
    process, pipe = program(READS[how])

    end = time.monotonic() + 20
    while not waits_for(process, pipe):
        assert time.monotonic() < end


@pytest.mark.parametrize("how", READS_NOT)
def test_whoever_waits_for_something_else_is_not(program, how):
    process, pipe = program(READS_NOT[how])

    for _ in range(10):
        assert not waits_for(process, pipe)
        time.sleep(0.02)


def test_a_program_that_has_ended_waits_for_nothing(program):
    process, pipe = program("pass")

    assert not waits_for(process.parent / "0", pipe)
