"""The plan of the example is a snapshot: `UPDATE=1 pytest tests/unit/builder/test_plan.py` rewrites it."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from lectern.builder.declaration import Declaration, read_declaration
from lectern.builder.declare.items import CondaSpec
from lectern.builder.plan import dockerfile, make_plan
from lectern.builder.resolve.fast import translate

ROOT = Path(__file__).parents[3]
SNAPSHOT = Path(__file__).parent / "plans" / "data-literacy.json"
STEPS = ROOT / "lectern/builder/steps"
LOCK = "numpy==2.0.0 --hash=sha256:0\n"
BASE = "lectern/notebook:test"


def _plan(declaration):
    return make_plan(declaration, translate(declaration), LOCK, base=BASE)


def _where(plan):
    scripts = {step.script for step in (*plan.steps, *plan.final_steps)}
    return {name: f"context/{name}" for name in scripts | set(plan.files)}


def _python(*names):
    return Declaration(conda=tuple(CondaSpec(name, where="environment.yml:1") for name in names))


def test_the_examples_plan_is_as_recorded():
    plan = _plan(read_declaration(ROOT / "environments/data-literacy"))
    found = {"plan": asdict(plan), "dockerfile": dockerfile(plan, _where(plan)).splitlines()}
    text = json.dumps(found, indent=2) + "\n"
    if os.environ.get("UPDATE") == "1":
        SNAPSHOT.write_text(text, encoding="utf-8")

    assert text == SNAPSHOT.read_text(encoding="utf-8")


def test_the_same_declaration_gives_the_same_plan():
    assert _plan(_python("numpy", "scipy")) == _plan(_python("scipy", "numpy"))


def test_debian_comes_first_and_only_when_asked_for():
    without, with_debian = _plan(_python("numpy")), _plan(_python("numpy", "r-base"))

    assert [step.script for step in without.steps] == ["install-python.bash", "install-kernels.bash"]
    assert with_debian.steps[0].script == "install-debian.bash"
    assert [step.arguments for step in with_debian.steps[-1:]] == [("python", "r")]


def test_all_that_a_step_runs_or_reads_is_there():
    plan = _plan(read_declaration(ROOT / "environments/data-literacy"))

    for step in (*plan.steps, *plan.final_steps):
        assert (STEPS / step.script).is_file()
        assert set(step.reads) <= set(plan.files)


def test_the_repos_files_come_after_what_is_slow_and_the_participant_last():
    plan = _plan(_python("numpy"))
    lines = dockerfile(plan, _where(plan)).splitlines()
    copy = next(number for number, line in enumerate(lines) if line.startswith("COPY"))

    assert lines[0] == f"FROM {BASE}"
    assert [line for line in lines if line.startswith("USER")] == ["USER root", "USER jovyan"]
    assert lines[-1] == "USER jovyan"
    assert all("install-python" not in line for line in lines[copy:])
