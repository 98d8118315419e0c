"""Measure publishing by push, against a plain Dockerfile where there is one.

Usage: make bench-publish (ROUNDS=3 CROWD=30)
A stock git client pushes to a running appliance; each time is what the pusher waits, smoke test included.
stdout: the table; .lectern/bench-publish/results.json: the same as data.
"""

import json
import os
import random
import secrets
import statistics
import tempfile
import threading
from pathlib import Path

from tests.load.bench import at_once, timed
from tests.load.build_bench import EXAMPLE, FOLDER, PACKAGES, Plain, notebook_image, python_names, show
from tests.support.instructor import Clone, Instructor
from tests.support.participant import Participant
from tests.support.stack import Stack, docker

ROUNDS = int(os.environ.get("ROUNDS", "3"))
CROWD = int(os.environ.get("CROWD", "30"))


def push(clone: Clone) -> tuple[bool, str]:
    """Push the main branch; say whether it was taken, and what git said."""
    clone.git("add", "--all")
    clone.git("commit", "-qm", "Change")
    done = clone.git("push", "origin", "main", check=False)
    return done.returncode == 0, done.stderr


def add_package(clone: Clone, name: str) -> None:
    path = clone.path("environment.yml")
    path.write_text(path.read_text().replace("  - numpy\n", f"  - numpy\n  - {name}\n"))


class Pushes:
    """One instructor's clone, and the seconds of each kind of push."""

    def __init__(self, stack: Stack, clone: Clone) -> None:
        self.stack, self.clone = stack, clone
        self.times: dict[str, list[float]] = {}

    def _timed(self, what: str, *, is_taken: bool, said: str) -> None:
        ended: list[tuple[bool, str]] = []
        self.times.setdefault(what, []).append(timed(lambda: ended.append(push(self.clone))))
        assert ended[0][0] is is_taken, ended[0][1]
        assert said in ended[0][1], ended[0][1]

    def typo(self) -> None:
        add_package(self.clone, "numpyy")
        self._timed("typo", is_taken=False, said="numpyy")
        self.clone.git("reset", "--quiet", "--hard", "HEAD~1")

    def content(self) -> None:
        self.clone.write({"notes.md": secrets.token_hex(8)})
        self._timed("content", is_taken=True, said="==> published")

    def package(self, name: str) -> None:
        add_package(self.clone, name)
        self._timed("package", is_taken=True, said=f"+ {name} ")

    def roll_back(self, teacher: Participant, name: str) -> None:
        """Press the page's button, twice: back and forth."""
        here = [each for each in self.stack.environments() if each["name"] == name]
        published = next(each for each in here if each["published"])
        other = next(each for each in reversed(here) if each["commit"] != published["commit"])
        for wanted in (other, published):
            spent = timed(publish, teacher, name, wanted["tag"])
            self.times.setdefault("rollback", []).append(spent)
            tag = f"{self.stack.project}/env/{name}:published"
            label = '{{index .Config.Labels "lectern.commit"}}'
            assert docker("image", "inspect", "--format", label, tag).strip() == wanted["commit"]


def publish(teacher: Participant, name: str, tag: str) -> None:
    answer = teacher.request("POST", f"/services/environments/{name}/publish", data={"commit": tag})
    assert answer.status_code == 200, answer.text


def starts_beside_a_build(clone: Clone, people: list[Participant]) -> tuple[float, float]:
    """Give the seconds until the last of a crowd has a server: while nothing is built, and while one is."""
    alone = at_once(people, Participant.start)[-1]
    at_once(people, Participant.stop)
    ended = threading.Event()

    def build_again_and_again() -> None:
        for number in range(50):
            if ended.is_set():
                return
            clone.write(
                {"postBuild": f"#!/bin/bash\ntimeout 20 sh -c 'while :; do :; done'; echo {number}\n"}
            )
            clone.path("postBuild").chmod(0o755)
            push(clone)

    builds = threading.Thread(target=build_again_and_again)
    builds.start()
    try:
        beside = at_once(people, Participant.start)[-1]
    finally:
        ended.set()
        builds.join()
    at_once(people, Participant.stop)
    return alone, beside


def measure(stack: Stack, rows: dict) -> None:
    name = stack.course()["environment"]
    plain = Plain(notebook_image(), ["ipykernel", *python_names(EXAMPLE)])
    teacher = Participant(stack.url, "admin", stack.admin_password)
    teacher.log_in()
    teacher.http.get("/services/environments/")
    try:
        with tempfile.TemporaryDirectory() as folder:
            owner = Instructor(stack.url, "admin", stack.admin_password, Path(folder))
            pushes = Pushes(stack, owner.clone(name))
            plain.build()
            plain_spent = []
            for package in random.sample(PACKAGES, ROUNDS):
                pushes.typo()
                pushes.content()
                pushes.package(package)
                plain_spent.append(timed(plain.build, package, f"# {secrets.token_hex(4)}"))
                pushes.roll_back(teacher, name)
            people = [stack.new_participant("crowd") for _ in range(CROWD)]
            alone, beside = starts_beside_a_build(pushes.clone, people)
        median = {what: statistics.median(spent) for what, spent in pushes.times.items()}
        rows |= {
            "push refused for a typo, s": (median["typo"], None, "5"),
            "only content changed → published, s": (median["content"], None, "10"),
            "one package more → published, s": (
                median["package"],
                statistics.median(plain_spent),
                "0.6 of plain",
            ),
            "rollback by the page's button, s": (median["rollback"], None, "2"),
            f"{CROWD} starts beside a build (plain: without one), last, s": (beside, alone, "1.5 of plain"),
        }
    finally:
        teacher.close()
        for tag in plain.tags:
            docker("rmi", "--force", tag, check=False)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    stack = Stack("bench-publish", LECTERN_START_TIMEOUT_S="120")
    rows: dict[str, tuple[float, float | None, str]] = {}
    try:
        stack.up()
        measure(stack, rows)
    finally:
        stack.remove_unless_kept()
        stack.state.mkdir(parents=True, exist_ok=True)
        (stack.state / "results.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False))
        print(show(rows))


if __name__ == "__main__":
    main()
