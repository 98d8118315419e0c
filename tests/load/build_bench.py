"""Measure the toolchain against a plain Dockerfile for the same list. Usage: make bench-builds

Both build on the notebook image, which is there. Cold means: no layer and no download is kept from before.
stdout: the table; .lectern/bench/builds.json: the same as data.
"""

import json
import os
import random
import secrets
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from lectern import names
from lectern.builder.building import base_of
from lectern.builder.buildpack import pack_for
from lectern.builder.declaration import read_declaration
from lectern.builder.delta import next_chain
from lectern.builder.engine import Engine
from lectern.builder.limits import limits_of
from lectern.builder.plan import Addresses, make_plan
from lectern.builder.progress import Talk
from lectern.builder.resolving import languages_of, resolve
from lectern.settings import Settings
from tests.support.stack import ROOT, docker

ROUNDS = int(os.environ.get("ROUNDS", "3"))
PROJECT = "lectern-bench-builds"
FOLDER = ROOT / ".lectern" / "bench-builds"
EXAMPLE = ROOT / "environments" / "data-literacy"
#: Small, without dependencies, in nothing that the example brings.
PACKAGES = (
    "cachetools", "chardet", "colorama", "dill", "fsspec", "humanize", "idna", "lark", "more-itertools",
    "pyjwt", "pyserial", "pytz", "retrying", "simplejson", "sortedcontainers", "sqlparse", "tabulate", "toml",
    "toolz", "tqdm", "ujson", "unidecode", "websocket-client", "xlrd", "xlsxwriter", "xlwt", "xmltodict",
)  # fmt: skip
PLAIN = """FROM {base}
USER root
RUN apt-get update && apt-get install -y --no-install-recommends \
    r-base-core r-cran-tidyverse r-cran-irkernel python3-venv python3-pip
RUN python3 -m venv /opt/plain
COPY requirements.txt /tmp/requirements.txt
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    /opt/plain/bin/pip install --no-cache-dir -r /tmp/requirements.txt
COPY notebooks /srv/notebooks
USER jovyan
"""


def notebook_image() -> str:
    subprocess.run(
        [str(ROOT / "scripts/build-images"), "notebook", "builder"], check=True, capture_output=True
    )
    tags = dict(line.split("=", 1) for line in (ROOT / ".lectern/images.env").read_text().split())
    return f"lectern/notebook:{tags['NOTEBOOK_TAG']}"


def unheard_of(dockerfile: str) -> str:
    """Let no cache answer the step that syncs the last of Python's locks, nor those after it."""
    lines = dockerfile.splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("RUN") and "python" in line)
    return "\n".join([*lines[:last], f"ENV BENCH={secrets.token_hex(4)}", *lines[last:], ""])


class Ours:
    """The product's own way: resolve, plan, build; the smoke test is not part of it."""

    def __init__(self, base: str) -> None:
        self.engine = Engine(PROJECT)
        self.settings = Settings(project=PROJECT, notebook_image=base, builds=FOLDER / "builds")
        self.tags: list[str] = []

    def build(
        self, repo: Path, chain: tuple[str, ...] = (), *, caches: str = "lectern", is_new: bool = False
    ) -> tuple[str, ...]:
        """Build, and give the chain of Python's locks; what is new was never built before on this machine."""
        declaration = read_declaration(repo)
        lock = resolve(declaration, repo, self.settings, base=base_of(self.engine, self.settings))
        chain = next_chain(chain, lock.python.requirements)
        plan = make_plan(
            declaration, lock, languages_of(declaration), base=self.settings.notebook_image, chain=chain,
            addresses=Addresses(), architecture=os.uname().machine,
        )  # fmt: skip
        pack = pack_for(plan)

        class Apart(pack):
            def render(self, build_args=None):
                text = super().render(build_args).replace("id=lectern-", f"id={caches}-")
                return unheard_of(text) if is_new else text

        tag = f"{PROJECT}/env:{secrets.token_hex(4)}"
        self.engine.build(
            repo, Apart, tag=tag, log=FOLDER / "ours.log", limits=limits_of(self.settings), listener=Talk()
        )
        self.tags.append(tag)
        return chain

    def layer_mb(self) -> float:
        form = "{{.Size}} {{.CreatedBy}}"
        sizes = docker("history", "--no-trunc", "--human=false", "--format", form, self.tags[-1])
        line = next(each for each in sizes.splitlines() if "install-python" in each)
        return int(line.split()[0]) / 1e6


class Plain:
    """What a teacher would write: apt and pip in a Dockerfile."""

    def __init__(self, base: str, requirements: list[str]) -> None:
        self.base, self.requirements = base, requirements
        self.folder = FOLDER / "plain"
        (self.folder / "notebooks").mkdir(parents=True, exist_ok=True)
        self.tags: list[str] = []

    def build(self, *more: str, is_cold: bool = False) -> None:
        (self.folder / "Dockerfile").write_text(PLAIN.format(base=self.base))
        (self.folder / "requirements.txt").write_text("\n".join([*self.requirements, *more]) + "\n")
        tag = f"{PROJECT}/plain:{secrets.token_hex(4)}"
        pip_conf = ROOT / ".lectern" / "clients" / "pip.conf"
        subprocess.run(
            ["docker", "build", "--quiet", *(["--no-cache"] if is_cold else []), "--tag", tag,
             "--secret", f"id=pip,src={pip_conf}", "--label", f"{names.PROJECT}={PROJECT}", str(self.folder)],
            env=os.environ | {"DOCKER_BUILDKIT": "1"}, check=True, capture_output=True,
        )  # fmt: skip
        self.tags.append(tag)


def timed(action, *words, **more) -> float:
    begun = time.perf_counter()
    action(*words, **more)
    return time.perf_counter() - begun


def size_mb(image: str) -> float:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6


def changed(text: str) -> Path:
    """Give a copy of the example with one package more."""
    repo = FOLDER / "data-literacy"
    shutil.rmtree(repo, ignore_errors=True)
    shutil.copytree(EXAMPLE, repo)
    if text:
        listed = (repo / "environment.yml").read_text()
        (repo / "environment.yml").write_text(listed.replace("  - numpy\n", f"  - numpy\n  - {text}\n"))
    return repo


def python_names(repo: Path) -> list[str]:
    """Give the Python packages of an environment.yml, as pip knows them."""
    listed = read_declaration(repo).conda
    return [spec.name for spec in listed if not spec.name.startswith("r-") and spec.name != "python"]


def measure(rows: dict) -> None:
    base = notebook_image()
    ours, plain = Ours(base), Plain(base, ["ipykernel", *python_names(EXAMPLE)])
    times: dict[str, list[float]] = {}

    def keep(what: str, spent: float) -> None:
        times.setdefault(what, []).append(spent)

    try:
        for package in random.sample(PACKAGES, ROUNDS):
            keep("cold, ours", timed(ours.build, EXAMPLE, caches=f"bench-{secrets.token_hex(4)}"))
            keep("cold, plain", timed(plain.build, is_cold=True))
            chain = ours.build(EXAMPLE)
            repo = changed(package)
            keep("one package, ours", timed(ours.build, repo, chain, is_new=True))
            keep("layer", ours.layer_mb())
            keep("one package, plain", timed(plain.build, package, f"# {secrets.token_hex(4)}"))
            (repo / "notes.md").write_text(secrets.token_hex(8))
            keep("notebooks, ours", timed(ours.build, repo, ours_chain(chain, repo, ours)))
            keep("check, ours", timed(check, ours))
        median = {what: statistics.median(spent) for what, spent in times.items()}
        ours_mb, plain_mb = size_mb(ours.tags[0]) - size_mb(base), size_mb(plain.tags[0]) - size_mb(base)
        rows |= {
            "cold build, s": (median["cold, ours"], median["cold, plain"], "0.65 of plain"),
            "one small package more, s": (
                median["one package, ours"],
                median["one package, plain"],
                "0.12 of plain",
            ),
            "its layer, MB": (median["layer"], None, "20"),
            "only notebooks changed, s": (median["notebooks, ours"], None, "3"),
            "`lectern check`, warm, s": (median["check, ours"], None, "2"),
            "size over the notebook image, MB": (ours_mb, plain_mb, "0.9 of plain"),
        }
    finally:
        for tag in (*ours.tags, *plain.tags):
            docker("rmi", "--force", tag, check=False)


def ours_chain(chain: tuple[str, ...], repo: Path, ours: Ours) -> tuple[str, ...]:
    """Give the chain that the release with the package more was built with."""
    lock = resolve(read_declaration(repo), repo, ours.settings, base=base_of(ours.engine, ours.settings))
    return next_chain(chain, lock.python.requirements)


def check(ours: Ours) -> None:
    resolve(read_declaration(EXAMPLE), EXAMPLE, ours.settings, base=None)


def show(rows: dict) -> str:
    lines = ["| what | ours | plain | ratio | at most |", "| --- | --- | --- | --- | --- |"]
    for what, (own, plain, target) in rows.items():
        ratio = "" if plain is None else f"{own / plain:.2f}"
        lines.append(
            f"| {what} | {own:.2f} | {'' if plain is None else f'{plain:.2f}'} | {ratio} | {target} |"
        )
    return "\n".join(lines)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows: dict[str, tuple[float, float | None, str]] = {}
    measure(rows)
    (FOLDER / "builds.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False))
    print(show(rows))


if __name__ == "__main__":
    main()
