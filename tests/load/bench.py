"""Measure what docs/explanation/capacity.md tells. Usage: make bench  (COLD=1: after `make clean`)

Own stack, removed at the end. stdout: the table; .lectern/bench/results.json: the same as data.
"""

import json
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import httpx

from lectern import names
from tests.support.participant import Participant
from tests.support.stack import COMPOSE_PROJECT, Stack, docker

CROWD = 30
STORM = 60


def timed(action, *words) -> float:
    """Give the seconds that an action takes."""
    begun = time.perf_counter()
    action(*words)
    return time.perf_counter() - begun


def at_once(people, action) -> list[float]:
    """Let everybody do the same at one moment; give each one's seconds from that moment on, sorted."""
    gate = threading.Barrier(len(people))

    def one(person):
        gate.wait()
        return timed(action, person)

    with ThreadPoolExecutor(len(people)) as pool:
        return sorted(pool.map(one, people))


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class HealthWatch:
    """Ask the hub's health again and again, and keep the worst answer's seconds."""

    def __init__(self, url: str) -> None:
        self.url, self.worst, self._ended = url, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with httpx.Client(verify=False, timeout=60) as client:
            while not self._ended.wait(0.02):
                self.worst = max(self.worst, timed(client.get, f"{self.url}/hub/health"))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def pss_mib(container: str) -> float:
    """Give a container's share of memory; where its processes cannot be read, what docker stats says."""
    pids = [line.split()[0] for line in docker("top", container, "-eo", "pid").splitlines()[1:]]
    total = 0
    try:
        for pid in pids:
            with Path(f"/proc/{pid}/smaps_rollup").open(encoding="ascii") as rollup:
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except (OSError, StopIteration):
        text = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container).split("/")[0].strip()
        number = float(text.rstrip("KMGiB"))
        return number * {"K": 1 / 1024, "M": 1, "G": 1024}[text.lstrip("0123456789.")[0]]
    return total / 1024


def measure_clicks(stack: Stack, crowd: list[Participant], rows: dict) -> None:
    def stop(person):
        person.stop()

    alone = []
    for _ in range(5):
        alone.append(timed(crowd[0].start))
        stop(crowd[0])
    rows["click → Lab, 1"] = (statistics.median(alone), percentile(alone, 0.95), "1.3 s")
    for number, target in ((10, ""), (CROWD, "median 14 s, last 27 s")):
        spent = at_once(crowd[:number], Participant.start)
        rows[f"click → Lab, {number} at once"] = (statistics.median(spent), percentile(spent, 0.95), target)
        rows[f"click → Lab, {number} at once, last"] = (spent[-1], None, "27 s" if number == CROWD else "")
        if number != CROWD:
            at_once(crowd[:number], stop)
    time.sleep(5)  # boots have ended; what is left is what an idle server holds
    idle = [pss_mib(names.workspace_container(stack.project, person.name)) for person in crowd]
    rows["memory of an idle participant, MiB"] = (statistics.median(idle), max(idle), "100 MiB")
    rows["first cell"] = (timed(lambda: crowd[0].run("1 + 1")), None, "")
    at_once(crowd, stop)


def measure_logins(stack: Stack, people: list[Participant], rows: dict) -> None:
    browsers = [Participant(stack.url, person.name, person.password) for person in people]
    with HealthWatch(stack.url) as health:
        spent = at_once(browsers, Participant.log_in)
    rows[f"{len(browsers)} log-ins at once: all in"] = (spent[-1], None, "10 s")
    rows["worst /hub/health meanwhile"] = (health.worst, None, "0.5 s")
    for browser in browsers:
        browser.close()


def measure_memory_and_images(stack: Stack, rows: dict) -> None:
    services = {service: pss_mib(stack.container(service)) for service in ("proxy", "hub", "db")}
    for service, memory in services.items():
        rows[f"memory of {service}, MiB"] = (memory, None, "")
    rows["memory of hub + proxy + db, MiB"] = (sum(services.values()), None, "260 MiB")
    running = docker(
        "ps", "--filter", f"label={COMPOSE_PROJECT}={stack.project}", "--format", "{{.Image}}"
    ).split()
    published = names.published_tag(stack.project, stack.environment["LECTERN_ENVIRONMENT"])
    for image in (*sorted(set(running)), published):
        size = int(docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6
        rows[f"image {image.removeprefix(stack.project + '/')}, MB"] = (size, None, "")


def show(rows: dict) -> str:
    lines = ["| what | median or value | p95 | target |", "| --- | --- | --- | --- |"]
    for what, (value, p95, target) in rows.items():
        lines.append(f"| {what} | {value:.2f} | {'' if p95 is None else f'{p95:.2f}'} | {target} |")
    return "\n".join(lines)


def main() -> None:
    stack = Stack("bench", LECTERN_MEMORY="4 GB")
    rows: dict[str, tuple[float, float | None, str]] = {}
    try:
        first = timed(stack.up)
        if os.environ.get("COLD"):
            rows["first `up`, s"] = (first, None, "")  # cold when `make clean` went before
        rows["warm `up`, nothing changed, s"] = (timed(stack.up), None, "10 s")
        stack.down()
        rows["`up` after `down`, s"] = (timed(stack.up), None, "")
        code = stack.course()["code"]
        people = [Participant(stack.url, f"bench-{i:02}", f"password of {i:02}") for i in range(STORM)]
        rows[f"{STORM} sign-ups at once: all in"] = (
            at_once(people, lambda one: one.join(code))[-1],
            None,
            "",
        )
        measure_logins(stack, people, rows)
        measure_clicks(stack, people[:CROWD], rows)
        measure_memory_and_images(stack, rows)
    finally:
        stack.remove_unless_kept()
        if rows:
            stack.state.mkdir(parents=True, exist_ok=True)
            (stack.state / "results.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False))
            print(show(rows))


if __name__ == "__main__":
    main()
