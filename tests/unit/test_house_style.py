"""Rules that no linter knows."""

import ast
import re
from pathlib import Path

from ruamel.yaml import YAML

from lectern import names
from lectern.commands_reference import commands
from lectern.settings import Settings

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "lectern").rglob("*.py"))
DOCKER_CALLERS = {"lectern/hub/spawner.py", "lectern/builder/engine.py"}
ENVIRONMENT_READER = "lectern/settings.py"
VAGUE = {"utils", "util", "helpers", "common", "misc", "manager", "base"}
WORK_IN_PROGRESS = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
)
MIRRORS = re.compile(
    r"https?://[^/\s\"']*(pypi|pythonhosted|npmjs|deb\.debian|cran\.r-project)", re.IGNORECASE
)


def _relative(path):
    return path.relative_to(ROOT).as_posix()


def _written_here():
    """Give the texts that people write: code, scripts, images' files, pages."""
    for folder in ("lectern", "hub", "images", "scripts", "tests", "environments", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".png", ".lock", ".ico"}:
                yield path, path.read_text(encoding="utf-8")


def _said(path):
    """Give the texts of a program that somebody may read: neither comments nor docstrings."""
    if path.suffix != ".py":
        lines = path.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.lstrip().startswith("#")]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def _compose():
    return YAML(typ="safe").load((ROOT / "compose.yaml").read_text())


def _parents():
    lines = (ROOT / "images/parents.txt").read_text().splitlines()
    return [line.split(maxsplit=4) for line in lines if line and not line.startswith("#")]


def test_files_are_called_after_what_they_know():
    assert [_relative(path) for path in PYTHON if path.stem in VAGUE] == []


def test_nothing_is_left_half_done():
    assert [_relative(path) for path, text in _written_here() if WORK_IN_PROGRESS.search(text)] == []


def test_no_mirror_is_written_down():
    # A machine's package index is its own affair: scripts/client-config reads it.
    assert [_relative(path) for path, text in _written_here() if MIRRORS.search(text)] == []


def test_only_settings_reads_the_environment():
    readers = [
        _relative(p) for p in PYTHON if re.search(r"os\.(environ|getenv)|import environ", p.read_text())
    ]

    assert set(readers) <= {ENVIRONMENT_READER}


def test_only_the_two_callers_talk_to_docker():
    assert {_relative(path) for path in PYTHON if "docker" in _imports(path)} <= DOCKER_CALLERS


def test_dockerfiles_pull_nothing_and_name_no_latest():
    for path in [*ROOT.glob("images/*/Dockerfile"), *ROOT.glob("hub/Dockerfile")]:
        text = path.read_text()

        assert "# syntax=" not in text, path
        assert ":latest" not in text, path
        assert "<<" not in text, path
        for parent in re.findall(r"^FROM\s+(\S+)", text, re.MULTILINE):
            stages = re.findall(r"\bAS\s+(\S+)", text, re.IGNORECASE)
            assert parent.startswith("$") or parent in stages, f"{path}: {parent}"


def test_a_command_is_named_as_a_host_has_it():
    # Inside the containers it is `lectern`; who reads a hint sits outside, in the checkout.
    of_groups = "|".join(sorted(name for name in commands() if " " in name))
    bare = re.compile(rf"`(?:lectern [a-z]|(?:{of_groups})\b)")
    programs = [path for path in (ROOT / "lectern").rglob("*") if path.suffix in {".py", ".bash", ".html"}]

    assert [(_relative(path), text) for path in programs for text in _said(path) if bare.search(text)] == []


def test_modules_are_of_a_size_that_one_reads():
    assert [_relative(path) for path in PYTHON if path.read_text().count("\n") > 400] == []


def test_the_classroom_is_called_in_compose_as_in_the_code():
    network = _compose()["networks"]["classroom"]

    assert network.get("name", "${LECTERN_PROJECT}_classroom") == names.classroom_network(
        "${LECTERN_PROJECT}"
    )


def test_all_of_compose_carries_the_projects_label():
    compose = _compose()

    for kind in ("services", "networks", "volumes"):
        for name, part in compose[kind].items():
            assert (part or {}).get("labels", {}).get(names.PROJECT) == "${LECTERN_PROJECT}", (
                f"{kind}: {name}"
            )


def test_every_variable_in_compose_is_a_setting():
    known = {f"LECTERN_{name.upper()}" for name in Settings.model_fields}
    for name, service in _compose()["services"].items():
        given = {variable for variable in service.get("environment", {}) if variable.startswith("LECTERN_")}
        assert given <= known, f"{name}: {given - known}"


def test_every_secret_is_made_by_the_script():
    made = set(re.findall(r"^ensure (\w+)", (ROOT / "scripts/make-secrets").read_text(), re.MULTILINE))
    compose = _compose()

    assert set(compose["secrets"]) == made
    assert {
        secret for service in compose["services"].values() for secret in service.get("secrets", [])
    } == made


def test_the_table_of_images_names_what_is_there_parents_first():
    seen = set()
    for image, parents, dockerfile, context, inputs in _parents():
        for path in (dockerfile, context, *inputs.split()):
            assert path[0] in "@." or list(ROOT.glob(path)), f"{image}: {path}"
        assert set(parents.split(",")) - {"-"} <= seen, f"{image}: {parents}"
        seen.add(image)

    assert {path.parent.name for path in ROOT.glob("images/*/Dockerfile")} <= seen
