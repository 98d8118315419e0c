"""The queue of builds, with programs that print what `lectern build --events` prints."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from lectern.builder.service.builds import Builds, Request

OUTCOME = {"kind": "outcome", "text": "built", "at_s": 2, "identity": "abc", "published": True, "changes": []}


def program(*events, then=""):
    lines = "".join(f"print({json.dumps(json.dumps(event))}, flush=True)\n" for event in events)
    return [sys.executable, "-c", f"import sys, time, os\n{lines}{then}"]


@pytest.fixture
async def builds(tmp_path):
    """Give a queue whose build of environment X runs the program that `programs` has for X."""
    programs = {}
    queue = Builds(tmp_path / "work", lambda request, _folder: programs[request.environment])
    queue.programs = programs
    yield queue
    await queue.close()


async def no_content(folder):
    (folder / "environment.yml").write_text("name: x")


def submit(builds, environment, command):
    builds.programs[environment] = command
    return builds.submit(Request(environment, "c" * 40, "main", "ada", is_to_publish=True), no_content)


async def log_of(build):
    return [line async for line in build.lines()]


async def test_a_builds_log_is_its_events(builds):
    build = submit(builds, "x", program({"kind": "phase", "text": "reading", "at_s": 0.1}, OUTCOME))

    assert await log_of(build) == [f"==> x {'c' * 12}", "    reading (0.1 s)"]
    assert (build.state, build.outcome["identity"]) == ("done", "abc")


async def test_what_a_build_prints_cannot_steer_a_terminal(builds):
    build = submit(builds, "x", program({"kind": "notice", "text": "\x1b[2Jgone\x07"}, OUTCOME))

    assert "    gone" in await log_of(build)


async def test_an_error_is_told_with_its_place_and_hint(builds):
    error = {"kind": "error", "text": "no such package", "where": "a.txt:3", "hint": "correct it"}
    build = submit(builds, "x", program(error, then="sys.exit(1)"))

    assert (await log_of(build))[-2:] == ["error: a.txt:3: no such package", "hint: correct it"]
    assert build.state == "failed"


@pytest.mark.parametrize(
    "then", ["sys.exit(3)", "os.kill(os.getpid(), 9)", "print('no json')", "sys.exit(0)"]
)
async def test_a_build_that_ends_without_a_result_has_failed(builds, then):
    build = submit(builds, "x", program(then=then))

    await build.ended()

    assert build.state == "failed"
    assert build.error.hint


async def test_the_second_waits_for_the_first_and_says_so(builds, tmp_path):
    def noted(what):
        return f"print({what!r}, file=open({str(tmp_path / 'order')!r}, 'a'))\n"

    first = submit(builds, "x", program(OUTCOME, then=f"time.sleep(0.3)\n{noted('first ends')}"))
    await asyncio.sleep(0)
    second = submit(builds, "y", program(OUTCOME, then=noted("second runs")))

    assert builds.ahead_of(second) == [first]
    assert (await log_of(second))[0].startswith("waiting: ada builds x")
    assert (first.state, second.state) == ("done", "done")
    assert (tmp_path / "order").read_text().splitlines() == ["first ends", "second runs"]


async def test_a_cancelled_build_leaves_no_process_and_no_file(builds, tmp_path):
    child = 'import subprocess; print(\'{"kind": "step", "text": "%d"}\' % '
    child += "subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    build = submit(builds, "x", program(then=child))
    pid = [line async for line in first(build.lines(), 2)][-1].strip()

    assert await builds.cancel(build.id, "ada")

    assert (build.state, list((tmp_path / "work").iterdir())) == ("cancelled", [])
    assert "cancelled by ada" in build.log
    for _ in range(500):  # it was killed; the kernel takes a moment
        if not await asyncio.to_thread(_is_alive, pid):
            break
        await asyncio.sleep(0.02)
    assert not await asyncio.to_thread(_is_alive, pid)


async def first(lines, count):
    async for line in lines:
        yield line
        count -= 1
        if not count:
            return


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


async def test_a_queued_build_that_is_cancelled_never_runs(builds):
    submit(builds, "x", program(then="time.sleep(600)"))
    await asyncio.sleep(0)
    second = submit(builds, "y", program(OUTCOME))

    await builds.cancel(second.id, "bob")

    assert second.state == "cancelled"
    assert await log_of(second) == ["waiting: ada builds x", "cancelled by bob"]


async def test_a_refused_content_is_the_builds_error(builds):
    async def refuse(_folder):
        raise OSError("disk full")

    build = builds.submit(Request("x", "c" * 40, "main", "ada", is_to_publish=True), refuse)
    await build.ended()

    assert "disk full" in build.error.what


async def test_after_a_failure_the_queue_goes_on(builds):
    submit(builds, "x", program(then="sys.exit(1)"))
    second = submit(builds, "y", program(OUTCOME))

    await second.ended()

    assert second.state == "done"


async def test_work_that_a_killed_service_left_is_removed(tmp_path):
    (tmp_path / "work/7/x").mkdir(parents=True)

    Builds(tmp_path / "work", lambda *_: [])

    assert list((tmp_path / "work").iterdir()) == []


async def test_builds_of_an_environment_that_is_gone_are_forgotten(builds):
    gone, other = submit(builds, "x", program(OUTCOME)), submit(builds, "y", program(OUTCOME))
    await other.ended()

    builds.forget("x")

    assert (builds.find(gone.id), builds.of("x"), builds.of("y")) == (None, [], [other])
