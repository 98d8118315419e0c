"""The plan of the example is a snapshot: `UPDATE=1 pytest tests/unit/builder/test_plan.py` rewrites it."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lectern.builder.declaration import Declaration, Item, read_declaration
from lectern.builder.languages.catalogue import find_language
from lectern.builder.lock import Lock
from lectern.builder.plan import Addresses, dockerfile, make_plan
from lectern.builder.resolve.conda import CondaLock
from lectern.builder.step_files import read_step
from tests.support.locks import BASE, EVERYTHING, JULIA, SMALL, WITH_R

ROOT = Path(__file__).parents[3]
SNAPSHOT = Path(__file__).parent / "plans" / "data-literacy.json"
STEPS = ROOT / "lectern/builder/steps"
ADDRESSES = Addresses(
    **dict.fromkeys(("python_mirror", "python_downloads", "cran_binaries", "debian_snapshot"), ""),
    torch_index="https://torch.example/cpu",
    cran="https://cran.example",
    conda_channels="https://conda.example",
    julia="https://julia.example/bin",
    julia_packages="https://packages.example",
)

ASKED = Declaration(
    texts={"jupytext.toml": "formats = 'ipynb'\n", "start": "#!/bin/sh\n", "postBuild": "#!/bin/sh\n"},
    templates=("binder/templates/report/index.html.j2",),
    r_package=Item("course", "", "DESCRIPTION:1"),
)


def _plan(lock, declaration=None, chain=None, languages=()):
    chain = chain or ((lock.python.requirements,) if lock.python else ())
    return make_plan(
        declaration or Declaration(),
        lock,
        languages,
        base=BASE,
        chain=chain,
        addresses=ADDRESSES,
        architecture="x86_64",
    )


def _all():
    return _plan(EVERYTHING, ASKED, languages=(find_language("perl", where="lectern.yml:1"),))


def _scripts(plan):
    return [step.script for step in (*plan.steps, *plan.final_steps)]


def _where(plan):
    return {name: f"context/{name}" for name in plan.needed()}


def _lines(plan):
    return dockerfile(plan, _where(plan)).splitlines()


def test_the_examples_plan_is_as_recorded():
    plan = _plan(WITH_R, read_declaration(ROOT / "environments/data-literacy"))
    text = json.dumps({"plan": asdict(plan), "dockerfile": _lines(plan)}, indent=2) + "\n"
    if os.environ.get("UPDATE") == "1":
        SNAPSHOT.write_text(text, encoding="utf-8")

    assert text == SNAPSHOT.read_text(encoding="utf-8")


def test_steps_that_change_rarely_come_first():
    assert _scripts(_all()) == [
        "install-debian.bash",
        "install-cran.bash",
        "configure-r.bash",
        "install-julia.bash",
        "install-julia-packages.bash",
        "install-python.bash",
        "describe-environment.bash",
        "install-templates.bash",
        "install-local.bash",
        "install-r-package.bash",
        "run-postbuild.bash",
        "record-repo.bash",
        "finish.bash",
    ]


def test_what_is_not_asked_for_has_no_step():
    plan = _plan(SMALL)

    assert _scripts(plan) == ["install-python.bash", "describe-environment.bash", "finish.bash"]
    described = [name for name, _ in plan.steps[-1].reads]
    assert described == ["install-kernels.bash", "write-manifest.bash", "python.lock"]


@pytest.mark.parametrize("plan", [_all(), _plan(SMALL), _plan(WITH_R)], ids=["all", "small", "r"])
def test_all_that_a_step_runs_or_reads_is_there(plan):
    for step in (*plan.steps, *plan.final_steps):
        assert (STEPS / step.script).is_file()
        for _, file in step.reads:
            assert file in plan.files or (STEPS / file).is_file()


def test_a_chain_is_a_step_for_each_lock_and_the_manifest_knows_the_last_alone():
    plan = _plan(SMALL, chain=("old\n", "new\n"))

    reads = [step.reads for step in plan.steps if step.script == "install-python.bash"]
    assert [dict(each)["python.lock"] for each in reads] == ["python-0.lock", "python-1.lock"]
    assert (plan.files["python-0.lock"], plan.files["python-1.lock"]) == ("old\n", "new\n")
    assert [read for read in plan.steps[-1].reads if ".lock" in read[0]] == [("python.lock", "python-1.lock")]


def test_the_first_steps_of_a_longer_chain_stay_as_they_were_for_the_cache():
    before, after = _lines(_plan(SMALL, chain=("old\n",))), _lines(_plan(SMALL, chain=("old\n", "new\n")))
    end = next(number for number, line in enumerate(before) if "describe-environment" in line)

    assert before[:end] == after[:end]


def test_conda_brings_its_own_kernels_and_python():
    conda = CondaLock("lock\n", "3.12", ("numpy=2.0=0",), ("numpy==2.0",), ("python",))
    plan = _plan(Lock(asked="a", base=BASE, debian=(), conda=conda, pip="rich==1\n"))

    assert _scripts(plan) == ["install-conda.bash", "describe-environment.bash", "finish.bash"]
    assert (plan.files["conda.lock"], plan.files["pip.lock"]) == ("lock\n", "rich==1\n")


def test_the_start_hook_comes_between_the_first_process_and_the_server():
    assert _plan(SMALL).entrypoint == ("tini", "-g", "--")
    assert _all().entrypoint == ("tini", "-g", "--", "/opt/env/start")


def test_julias_own_kernel_is_left_out_for_the_catalogues():
    own = _plan(replace(SMALL, julia=JULIA))
    ours = _plan(replace(SMALL, julia=JULIA, languages=("julia",)))

    kernels = [
        step.arguments[0] for plan in (own, ours) for step in plan.steps if "julia-packages" in step.script
    ]
    assert kernels == ["ijulia", "generic"]


def test_no_address_is_in_a_file_of_the_plan():
    assert not [name for name, text in _all().files.items() if ".example" in text and "direct" not in name]


def test_hostile_words_stay_words():
    hostile = replace(EVERYTHING, local=("a'; rm -rf /", "$(id)"))

    run = next(line for line in _lines(_plan(hostile)) if "bounded.py bash" in line and "local" in line)
    assert """'/srv/env/a'"'"'; rm -rf /'""" in run
    assert "'/srv/env/$(id)'" in run


def test_the_repos_files_come_after_what_is_slow_and_the_participant_last():
    lines = _lines(_plan(SMALL))
    copy = next(number for number, line in enumerate(lines) if line.startswith("COPY"))

    assert lines[0] == f"FROM {BASE}"
    assert [line for line in lines if line.startswith("USER")] == ["USER root", "USER jovyan"]
    assert lines[-1] == "USER jovyan"
    assert all("install-python" not in line for line in lines[copy:])


def test_a_recipe_changes_with_each_of_its_parts():
    changed = [
        _plan(SMALL),
        _plan(WITH_R),
        _plan(SMALL, chain=("other\n",)),
        _plan(SMALL, replace(ASKED, templates=())),
    ]

    assert len({plan.recipe(read_step) for plan in changed}) == len(changed)
    assert _plan(SMALL).recipe(read_step) != _plan(SMALL).recipe(lambda _: "another text of the steps")
    assert _plan(SMALL).recipe(read_step) == _plan(SMALL).recipe(read_step)


def test_pythons_first_lock_is_installed_beside_debians_packages():
    text = dockerfile(_plan(WITH_R), _where(_plan(WITH_R)))

    aside, _, main = text.partition("\nFROM ")
    assert aside.startswith("FROM ")
    assert ("install-python.bash" in aside, "install-debian.bash" in aside) == (True, False)
    assert main.index("install-debian.bash") < main.index("COPY --from=aside /opt/env /opt/env")
