import json
import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lectern.builder.declaration import _FOREIGN, CondaSpec, Item, Requirement, read_declaration
from lectern.builder.declare.lectern_yml import _KEYS
from lectern.errors import DeclarationError
from tests.support.refusals import tried
from tests.support.repos import refusal_of, write_repo

ROOT = Path(__file__).parents[3]
YML = "dependencies: [numpy]\n"
EVERY_FILE = {
    "environment.yml": "dependencies:\n  - python=3.12\n  - numpy\n  - pip: [pandas>=2]\n",
    "apt.txt": "git\n",
    "install.R": 'install.packages("ggplot2")\n',
    "runtime.txt": "r-4.4-2025-03-01\n",
    "Project.toml": '[deps]\nJSON = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"\n',
    "lectern.yml": "kernels: [bash]\nresolver: conda\ncheck_network: true\n",
    "jupytext.toml": 'formats = "ipynb,md"\n',
    "overrides.json": '{"a": 1}\n',
    "postBuild": "#!/bin/bash\ntrue\n",
    "start": '#!/bin/bash\nexec "$@"\n',
    "check.md": "# Check\n",
    "templates/report.tex": "x",
}
#: Files of which a repo may consist, and what they need to be taken.
TEXTS = ["environment.yml", "requirements.txt", "pyproject.toml", "install.R", "DESCRIPTION", "runtime.txt"]
TEXTS += ["Project.toml", "Manifest.toml", "apt.txt", "lectern.yml", "jupytext.toml", "overrides.json"]
TEXTS += ["postBuild", "start", "Pipfile", "Pipfile.lock", "setup.py"]


def test_every_file_of_the_reference_is_read(tmp_path):
    read = read_declaration(write_repo(tmp_path, EVERY_FILE))

    assert read.conda == (
        CondaSpec("python", "=3.12", where="environment.yml:2"),
        CondaSpec("numpy", where="environment.yml:3"),
    )
    assert read.requirements == (Requirement("pandas>=2", "environment.yml:4"),)
    assert read.python == Item("python", "==3.12.*", "environment.yml:2")
    assert read.apt == (Item("git", "", "apt.txt:1"),)
    assert read.r == (Item("ggplot2", "", "install.R:1"),)
    assert read.r_snapshot == Item("2025-03-01", "4.4", "runtime.txt:1")
    assert read.julia
    assert read.julia.packages == (Item("JSON", "", "Project.toml:2"),)
    assert read.kernels == (Item("bash", "", "lectern.yml:1"),)
    assert (read.resolver, read.needs_network, read.check) == ("conda", True, "check.md")
    assert read.templates == ("templates/report.tex",)
    assert set(read.texts) == {"jupytext.toml", "overrides.json", "postBuild", "start"}
    assert read.notices == ()
    assert len(read.commit) == 12


@pytest.mark.parametrize("folder", ["binder", ".binder"])
def test_a_binder_folder_holds_all_files(tmp_path, folder):
    write_repo(tmp_path, {"apt.txt": "git\n", "postBuild": "#!/bin/sh\n", "check.py": ""})
    write_repo(tmp_path / folder, EVERY_FILE)

    read = read_declaration(tmp_path)

    assert read.apt == (Item("git", "", f"{folder}/apt.txt:1"),)
    assert read.check == f"{folder}/check.md"
    assert read.templates == (f"{folder}/templates/report.tex",)
    assert read.notices == (f"not read, as {folder}/ is there: apt.txt, postBuild",)


def test_binder_comes_before_its_hidden_sister(tmp_path):
    write_repo(tmp_path, {"binder/apt.txt": "git\n", ".binder/apt.txt": "curl\n"})

    assert [item.name for item in read_declaration(tmp_path).apt] == ["git"]


def test_the_reference_names_every_file_and_key():
    page = (ROOT / "docs/reference/declaration-files.md").read_text(encoding="utf-8")

    assert [name for name in (*TEXTS, *EVERY_FILE, *_FOREIGN) if f"`{Path(name).parts[0]}" not in page] == []
    assert [key for key in _KEYS if f"| `{key}` |" not in page] == []


def test_what_the_example_asks_for_is_read():
    read = read_declaration(ROOT / "environments/data-literacy")

    assert {"numpy", "r-base"} <= {spec.name for spec in read.conda}
    assert read.notices == ()


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    write_repo(
        tmp_path, {"environment.yml": b"\xef\xbb\xbfdependencies:\r\n  - numpy\r\n", "apt.txt": b"git\r\n"}
    )
    write_repo(tmp_path, {"postBuild": b"#!/bin/sh\r\ntrue\r\n"})

    read = read_declaration(tmp_path)

    assert read.conda == (CondaSpec("numpy", where="environment.yml:2"),)
    assert [item.name for item in read.apt] == ["git"]
    assert read.texts["postBuild"] == "#!/bin/sh\ntrue\n"


def test_a_list_that_powershell_wrote_is_read(tmp_path):
    write_repo(tmp_path, {"requirements.txt": "pandas\r\n".encode("utf-16")})

    assert read_declaration(tmp_path).requirements == (Requirement("pandas", "requirements.txt:1"),)


def _failing_for(path, original):
    def call(self, *rest, **more):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return original(self, *rest, **more)

    return call


@pytest.mark.parametrize("name", [*TEXTS, "check.md"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "dangling", "loop", "outside", "unreadable"])
def test_only_readable_files_of_the_repo_are_read(tmp_path, monkeypatch, name, kind):
    repo = tmp_path / "repo"
    repo.mkdir()
    write_repo(repo, {"environment.yml": YML} if name in {"apt.txt", "start"} else {"apt.txt": "git\n"})
    if name == "Manifest.toml":
        write_repo(repo, {"Project.toml": ""})
    path = repo / name
    secret = tmp_path / "secret"
    secret.write_text("secret")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "unreadable":
        path.write_text("x")
        for method in ("open", "read_bytes"):
            monkeypatch.setattr(Path, method, _failing_for(path, getattr(Path, method)))
    else:
        path.symlink_to({"dangling": "absent", "loop": name, "outside": secret}[kind])

    refusal = refusal_of(repo)

    assert refusal.where == name
    assert "secret" not in str(refusal)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff\xfe\x00", id="half UTF-16"),
        pytest.param(b"\x00\x01", id="binary"),
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param(b"# caf\xe9\n", id="Latin-1"),
        pytest.param(b"#\n# \x1b[31mred\n", id="terminal sequence"),
        pytest.param(
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", id="LFS pointer"
        ),
        pytest.param(b"#" * 10 * 1024 * 1024, id="10 MB"),
    ],
)
def test_what_is_no_short_text_is_refused(tmp_path, name, content):
    if name == "Manifest.toml":
        write_repo(tmp_path, {"Project.toml": ""})
    write_repo(tmp_path, {name: content})

    refusal = refusal_of(tmp_path)

    assert refusal.where.partition(":")[0] == name
    assert str(refusal).replace("\n", " ").isprintable()


def test_a_wrong_byte_is_found_on_its_line(tmp_path):
    assert refusal_of(write_repo(tmp_path, {"apt.txt": b"git\ncurl\ncaf\xe9\n"})).where == "apt.txt:3"


def test_links_inside_the_repo_are_followed(tmp_path):
    write_repo(tmp_path, {"binder/environment.yml": "-> ../conda/packages.yml", "conda/packages.yml": YML})

    assert read_declaration(tmp_path).conda == (CondaSpec("numpy", where="binder/environment.yml:1"),)


def test_a_binder_folder_that_is_a_link_stays_inside_the_repo(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    write_repo(outside, {"apt.txt": "git\n"})
    write_repo(inside, {"real/apt.txt": "git\n", "binder": "-> real"})
    assert read_declaration(inside).apt == (Item("git", "", "binder/apt.txt:1"),)

    (inside / "binder").unlink()
    (inside / "binder").symlink_to(outside)
    assert refusal_of(inside).where == "binder"


def test_a_submodule_that_was_not_fetched_is_named(tmp_path):
    write_repo(tmp_path, {".gitmodules": '[submodule "b"]\n\tpath = binder\n\turl = https://x.org/b\n'})
    (tmp_path / "binder").mkdir()

    assert "submodule" in refusal_of(tmp_path).what


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "# Hello\n", "check.md": "x", "templates/a": "x"},
        {"requirements.txt": "# nothing yet\n"},
        {"environment.yml": "channels: [conda-forge]\ndependencies: []\n"},
        {"environment.yml": ""},
        {"environment.yml": "# nothing yet\n"},
        {"environment.yml": "name: course\ndependencies:\n"},
        {"pyproject.toml": "[tool.ruff]\nline-length = 100\n"},
        {"lectern.yml": ""},
        {"binder/README.md": "", "environment.yml": YML},
    ],
)
def test_a_repo_that_declares_nothing_gets_python_alone_and_hears_of_it(tmp_path, files):
    read = read_declaration(write_repo(tmp_path, files))

    assert (read.conda, read.requirements, read.local) == ((), (), ())
    assert read.notices[-1].startswith("no package is declared: the image has Python alone")


def test_an_empty_repo_is_refused(tmp_path):
    (tmp_path / ".git").mkdir()

    assert refusal_of(tmp_path).what == "is empty"


def test_a_list_of_an_old_julia_is_refused(tmp_path):
    assert refusal_of(write_repo(tmp_path, {"REQUIRE": "julia 0.6\n"})).hint == "write Project.toml"


def test_what_is_no_folder_is_refused(tmp_path):
    assert "no folder" in refusal_of(tmp_path / "absent").what


def test_another_tools_recipe_is_recorded_and_not_read(tmp_path):
    write_repo(tmp_path, {"binder/Dockerfile": "FROM \x00", "default.nix": ""})

    assert read_declaration(tmp_path).foreign == ("binder/Dockerfile",)


def test_requirements_beside_environment_yml_do_not_count_as_on_binder(tmp_path):
    write_repo(tmp_path, {"environment.yml": YML, "requirements.txt": "pandas\n", "pyproject.toml": ""})

    read = read_declaration(tmp_path)

    assert read.requirements == ()
    (notice,) = read.notices
    assert notice.startswith("requirements.txt, pyproject.toml: not read beside environment.yml")
    assert "`- -r requirements.txt`" in notice


def test_requirements_that_environment_yml_includes_count(tmp_path):
    yml = "dependencies:\n  - pip:\n      - -r requirements.txt\n"
    write_repo(tmp_path, {"environment.yml": yml, "requirements.txt": "# data\npandas\n"})

    read = read_declaration(tmp_path)

    assert read.requirements == (Requirement("pandas", "requirements.txt:2"),)
    assert read.notices == ()


@pytest.mark.parametrize(
    ("files", "version", "where"),
    [
        ({"environment.yml": "dependencies: [python=3.11]\n"}, "==3.11.*", "environment.yml:1"),
        (
            {"environment.yml": "dependencies: [python>=3.10]\n", "runtime.txt": "python-3.9"},
            ">=3.10",
            "environment.yml:1",
        ),
        (
            {"environment.yml": "dependencies: [python]\n", "runtime.txt": "python-3.9"},
            "==3.9.*",
            "runtime.txt:1",
        ),
        ({"runtime.txt": "python-3.12.1\n"}, "==3.12.1", "runtime.txt:1"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.11"\n'}, ">=3.11", "pyproject.toml:2"),
        (
            {"pyproject.toml": '[project]\nrequires-python = ">=3.11"\n', "runtime.txt": "python-3.12"},
            "==3.12.*,>=3.11",
            "runtime.txt:1",
        ),
    ],
)
def test_one_python_is_wanted(tmp_path, files, version, where):
    assert read_declaration(write_repo(tmp_path, files)).python == Item("python", version, where)


def test_a_python_that_does_not_count_is_told(tmp_path):
    files = {"environment.yml": "dependencies: [python=3.11]\n", "runtime.txt": "python-3.9"}

    notices = read_declaration(write_repo(tmp_path, files)).notices

    assert notices == ("runtime.txt:1: not used, as environment.yml:1 names a Python",)


def test_pipfiles_python_counts_before_that_of_runtime_txt_as_on_binder(tmp_path):
    files = {"Pipfile": '[requires]\npython_version = "3.12"\n', "runtime.txt": "python-3.11"}

    read = read_declaration(write_repo(tmp_path, files))

    assert read.python == Item("python", "==3.12.*", "Pipfile:2")
    assert read.notices == ("runtime.txt:1: not used, as Pipfile:2 names a Python",)


def test_a_package_that_two_r_files_name_is_wanted_once(tmp_path):
    write_repo(
        tmp_path,
        {"install.R": 'install.packages(c("dplyr", "zoo"))\n', "DESCRIPTION": "Imports: zoo (>= 1.8), xts\n"},
    )

    read = read_declaration(tmp_path)

    assert read.r == (
        Item("dplyr", "", "install.R:1"),
        Item("zoo", ">=1.8", "install.R:1"),
        Item("xts", "", "DESCRIPTION:1"),
    )


def test_a_declaration_cannot_be_changed():
    read = read_declaration(ROOT / "environments/data-literacy")

    with pytest.raises(FrozenInstanceError):
        read.check = "x"


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_content_of_any_file_is_read_or_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    read, refusal = tried(read_declaration, tmp_path)

    assert read or isinstance(refusal, DeclarationError)


#: Keys that readers look for, so that what hypothesis makes gets far into them.
WORDS = ["dependencies", "channels", "pip", "conda", "name", "prefix", "kernels", "resolver", "check_network"]
WORDS += [
    "default",
    "develop",
    "_meta",
    "requires",
    "sources",
    "url",
    "version",
    "git",
    "path",
    "extras",
    "markers",
]
WORDS += ["python_version", "cells", "source", "numpy=1", "*", "==1", "-e .", "-r x", "", "é", "$(id)"]
SHELL = [
    "pip install a",
    "pip install -r",
    "conda install b",
    "R -e 'x'",
    "echo",
    " ",
    "\n",
    "&&",
    "||",
    "|",
    ";",
    "&",
]
SHELL += [
    "'",
    '"',
    "\\",
    "\\\n",
    "#",
    "<<END",
    "if",
    "fi",
    "{",
    "}",
    "$x",
    "cd c",
    "python -m bash_kernel.install",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "name", ["environment.yml", "lectern.yml", "Pipfile.lock", "overrides.json", "lectern.lock"]
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=JSON)
def test_values_of_any_type_are_read_or_refused(tmp_path, name, content):
    (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")

    read, refusal = tried(read_declaration, tmp_path)

    assert read or isinstance(refusal, DeclarationError)


@pytest.mark.parametrize(
    "head", ["[packages]\nx = ", "[tool.poetry.dependencies]\nx = ", "[project]\ndependencies = "]
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.sampled_from(["1", "true", "[]", "[1]", "'a'", "{}", "1979-05-27"])
    | st.builds(
        "{{{} = {}}}".format, st.sampled_from(["version", "git", "path", "extras", "python"]), st.integers()
    )
)
def test_toml_of_any_type_is_read_or_refused(tmp_path, head, value):
    (tmp_path / ("Pipfile" if "packages" in head else "pyproject.toml")).write_text(head + value + "\n")

    read, refusal = tried(read_declaration, tmp_path)

    assert read or isinstance(refusal, DeclarationError)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SHELL), max_size=12).map("".join))
def test_any_shell_script_keeps_its_lines_and_what_it_does_not_install(tmp_path, script):
    (tmp_path / "postBuild").write_text(f"#!/bin/bash\n{script}")

    read, refusal = tried(read_declaration, tmp_path)

    assert isinstance(refusal, DeclarationError) or (
        read.texts["postBuild"].count("\n") == script.count("\n") + 1
    )
