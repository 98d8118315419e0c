"""Nine o'clock, on stock parts and on Lectern in turns. Usage: make bench-storm  (PEOPLE=60 ROUNDS=3)

stdout: the table of docs/explanation/capacity.md; .lectern/storm/results.json: all rounds as data.
"""

import json
import os
import statistics
import threading
import time
from collections import defaultdict

import httpx

from lectern import names
from tests.load.bench import HealthWatch, at_once, percentile, pss_mib
from tests.load.stock_stack import StockStack
from tests.support.participant import Participant, StartFailedError
from tests.support.stack import Stack, docker, wait_until

PEOPLE = int(os.environ.get("PEOPLE", "60"))
ROUNDS = int(os.environ.get("ROUNDS", "1"))
#: From the last Lab to the first cell: people look around; both stacks get it.
SETTLE_S = 20

#: What → (at most so many times stock, or None), (at most, absolute).
LIMITS = {
    "sign-ups: all in": (0.65, None),
    "log-ins: all in": (0.65, None),
    "worst /hub/health": (None, 1.0),
    "starts, cold: last": (0.65, None),
    "starts, cold: median": (0.35, None),
    "clicks, room opened: last": (0.15, None),
    "one click, room opened": (None, 0.6),
    "first cells: last": (0.6, None),
    "running cell meanwhile: p95": (1.0, None),
    "running cell meanwhile: worst": (1.0, None),
    "stops: last": (0.3, None),
    "hub memory, MiB": (None, 180.0),
    "failed starts": (None, 0),
}


class CellWatch:
    """A participant who is at work already, and runs a cell again and again."""

    def __init__(self, someone: Participant) -> None:
        self.spent, self._someone, self._ended = [], someone, threading.Event()
        self._kernel = someone.start_kernel()
        someone.execute(self._kernel, "1")
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with self._someone.connected(self._kernel) as run:
            while not self._ended.wait(0.05):
                begun = time.perf_counter()
                run("1 + 1")
                self.spent.append(time.perf_counter() - begun)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


def storm(url, people, someone, join, *, hub, open_room=None) -> dict[str, float]:
    """Let everybody sign up, log in, start, compute and leave; give the seconds of each."""
    rows = {}
    with HealthWatch(url) as health:
        rows["sign-ups: all in"] = at_once(people, join)[-1]
        someone.start()
        for person in people:
            person.log_out()
        rows["log-ins: all in"] = at_once(people, Participant.log_in)[-1]
        with CellWatch(someone) as cells:
            failed = []
            spent = at_once(people, lambda one: start(one, failed))
        rows["starts, cold: last"], rows["starts, cold: median"] = spent[-1], statistics.median(spent)
        rows["running cell meanwhile: p95"] = percentile(cells.spent, 0.95)
        rows["running cell meanwhile: worst"] = max(cells.spent)
        rows["failed starts"] = len(failed)
    rows["worst /hub/health"] = health.worst
    time.sleep(SETTLE_S)
    # Who got no server has no first cell either: that is counted above, and does not end the bench.
    here = [person for person in people if person.name not in dict(failed)]
    rows["first cells: last"] = at_once(here, lambda one: one.run("1 + 1"))[-1]
    rows["hub memory, MiB"] = pss_mib(hub)
    rows["stops: last"] = at_once(people, Participant.stop)[-1]
    if open_room:
        open_room()
        spent = at_once(people, Participant.start)
        rows["clicks, room opened: last"] = spent[-1]
        people[0].http.get("/hub/home")
        rows["one click, room opened"] = at_once(people[:1], Participant.start)[0]
        at_once(people, Participant.stop)
    someone.stop()
    return rows


def start(person: Participant, failed: list) -> None:
    try:
        person.start()
    except (StartFailedError, AssertionError, httpx.HTTPError) as problem:
        failed.append((person.name, str(problem)))


def storm_of_stock(lectern: Stack) -> dict[str, float]:
    stack = StockStack(lectern.state / "images.env")
    try:
        stack.up()
        people = [stack.participant(f"storm-{number:02}") for number in range(PEOPLE)]
        someone = stack.participant("at-work")
        someone.join()
        someone.log_in()
        return storm(stack.url, people, someone, lambda one: one.join(), hub=stack.project)
    finally:
        stack.down()


def storm_of_lectern(stack: Stack) -> dict[str, float]:
    course = stack.course()
    mark = f"{time.time_ns():x}"[-6:]
    people = [Participant(stack.url, f"storm-{mark}-{i:02}", f"password of {i:02}") for i in range(PEOPLE)]
    someone = stack.new_participant("at-work")

    def open_room() -> None:
        stack.script("lectern", "course", "warm", course["name"])
        wait_until(lambda: all_run(stack, people), "everybody's server", timeout_s=300, look_every_s=2)

    return storm(
        stack.url,
        people,
        someone,
        lambda one: one.join(course["code"]),
        hub=stack.container("hub"),
        open_room=open_room,
    )


def all_run(stack: Stack, people: list[Participant]) -> bool:
    running = docker("ps", "--format", "{{.Names}}").split()
    return all(names.workspace_container(stack.project, one.name) in running for one in people)


def table(rounds: dict[str, list[dict[str, float]]]) -> str:
    lines = ["| what | stock | Lectern | ratio | at most | |", "| --- | --- | --- | --- | --- | --- |"]
    for what, (times_stock, absolute) in LIMITS.items():
        of = {
            who: statistics.median(found)
            for who, each in rounds.items()
            if (found := [rows[what] for rows in each if what in rows])
        }
        ours = of.get("lectern")
        against = of.get("stock")
        if what.startswith("clicks") and rounds["stock"]:
            against = statistics.median(rows["starts, cold: last"] for rows in rounds["stock"])
        if ours is None:
            continue
        ratio = ours / against if against else None
        holds = ratio is not None and ratio <= times_stock if times_stock else ours <= absolute
        limit = f"{times_stock} of stock" if times_stock else absolute
        cells = (
            what,
            "" if against is None else f"{against:.2f}",
            f"{ours:.2f}",
            "" if ratio is None else f"{ratio:.2f}",
            limit,
            "holds" if holds else "**missed**",
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    rounds: dict[str, list[dict[str, float]]] = defaultdict(list)
    lectern = Stack("storm", LECTERN_MEMORY="4 GB", LECTERN_START_TIMEOUT_S="120")
    try:
        lectern.up()
        for _ in range(ROUNDS):
            rounds["stock"].append(storm_of_stock(lectern))
            rounds["lectern"].append(storm_of_lectern(lectern))
    finally:
        (lectern.state / "results.json").write_text(json.dumps(rounds, indent=2))
        lectern.remove_unless_kept()
        print(table(rounds))


if __name__ == "__main__":
    main()
