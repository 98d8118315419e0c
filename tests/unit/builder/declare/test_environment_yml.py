from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declaration import Item, Requirement, read_declaration
from lectern.builder.declare import environment_yml
from lectern.builder.declare.files import MAX_ENTRIES, Source, Text
from tests.support.refusals import tried
from tests.support.repos import refusal_of, write_repo

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ndependencies: [*c, *c]\n"


def _read(folder, yml, **others):
    return read_declaration(write_repo(folder, {"environment.yml": yml, **others}))


def _listed(*entries):
    return "dependencies:\n" + "".join(f"  - {entry}\n" for entry in entries)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("just words\n", "environment.yml"),
        ("- numpy\n", "environment.yml"),
        ("dependencies: numpy\n", "environment.yml"),
        ("dependencies: {numpy: 1}\n", "environment.yml"),
        ("dependencies:\n  - numpy\n  - [nested]\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  - 3.13\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  - 2020-01-01\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  -\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  - !!python/object:os.system x\n", "environment.yml:3"),
        (f"dependencies:\n  - 0x{'f' * 9000}\n", "environment.yml:2"),
        ("dependencies:\n  - numpy\n  - {conda: x}\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  - conda: [[x]]\n", "environment.yml:3"),
        ("dependencies:\n  - numpy\n  - python: 3.9\n", "environment.yml:3"),
        ("dependencies:\n  - pip: numpy\n", "environment.yml:2"),
        ("dependencies:\n  - pip:\n      - numpy\n      - 3\n", "environment.yml:4"),
        (
            "dependencies:\n  - pip:\n      - numpy\n      - |\n        a\n        RUN id\n",
            "environment.yml:4",
        ),
        ("dependencies:\n  - nümpy\n", "environment.yml:2"),
        ("dependencies:\n  - numpy; rm -rf /\n", "environment.yml:2"),
        ('dependencies:\n  - "numpy\\nRUN id"\n', "environment.yml:2"),
        ('dependencies:\n  - "numpy\n  - pandas\n', "environment.yml:4"),
        ("dependencies:\n\t- numpy\n", "environment.yml:2"),
        ("dependencies: [numpy]\ndependencies: [pandas]\n", "environment.yml:2"),
        ("dependencies: [numpy]\n---\ndependencies: [pandas]\n", "environment.yml:2"),
        (BOMB, "environment.yml:1"),
        ("dependencies:\n  - &a numpy\n", "environment.yml:2"),
        ("dependencies: " + "[" * 5000, "environment.yml:1"),
        ("channels: conda-forge\ndependencies: [numpy]\n", "environment.yml:1"),
        ("channels: [1]\ndependencies: [numpy]\n", "environment.yml:1"),
        (f"channels: [0x{'f' * 9000}]\ndependencies: [numpy]\n", "environment.yml:1"),
        ("channels:\n  - a\n  - $(id)\ndependencies: [numpy]\n", "environment.yml:3"),
        ("channels:\n  - https://h.org/t/token/x\ndependencies: [numpy]\n", "environment.yml:2"),
        ("channels:\n  - https://u:p@h.org/x\ndependencies: [numpy]\n", "environment.yml:2"),
        ("channels:\n  - file:///tmp\ndependencies: [numpy]\n", "environment.yml:2"),
        ("dependencies:\n  - a::x\n  - b::x\n", "environment.yml:3"),
        ("dependencies:\n  - python=abc\n", "environment.yml:2"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path, text, where):
    assert refusal_of(write_repo(tmp_path, {"environment.yml": text})).where == where


def test_a_colon_in_place_of_an_equals_sign_is_explained(tmp_path):
    refusal = refusal_of(write_repo(tmp_path, {"environment.yml": _listed("python: 3.9")}))

    assert refusal.hint == "write `- python=3.9`: no colon"


@pytest.mark.parametrize(
    "entry",
    [
        "- >\n    numpy\n    pandas\n",
        "- >-\n    numpy=2\n    pandas\n",
        "- |\n    numpy\n    pandas\n",
        "- numpy\n    pandas\n",
    ],
)
def test_two_packages_in_one_entry_are_refused_with_its_line(tmp_path, entry):
    refusal = refusal_of(write_repo(tmp_path, {"environment.yml": f"dependencies:\n  - x\n  {entry}  - y\n"}))

    assert refusal.where == "environment.yml:3"
    assert refusal.hint == "write each package on a line of its own: `- name`"


def test_a_block_may_hold_one_package(tmp_path):
    assert [str(spec) for spec in _read(tmp_path, "dependencies:\n- >\n  numpy=2\n").conda] == ["numpy=2"]


def test_a_part_for_pip_may_be_all_comments(tmp_path):
    read = _read(tmp_path, "dependencies:\n  - numpy\n  - pip:\n    # - pandas\n")

    assert [spec.name for spec in read.conda] == ["numpy"]


def test_an_error_of_yaml_shows_none_of_the_values(tmp_path):
    yml = f"dependencies: [{'x, ' * 500}]\ndependencies: [numpy]\n"

    assert len(refusal_of(write_repo(tmp_path, {"environment.yml": yml})).what) < 80


@pytest.mark.parametrize(
    "address", ["https://me:secret@c.org/x", "https://c.org/t/secret/x", "https://secret@c.org"]
)
def test_a_password_in_a_channel_is_refused_and_not_shown(tmp_path, address):
    for yml in (f"channels: ['{address}']\ndependencies: [x]\n", f"dependencies: ['{address}::x']\n"):
        refusal = refusal_of(write_repo(tmp_path, {"environment.yml": yml}))

        assert "password" in refusal.what
        assert "secret" not in str(refusal)


def test_stars_and_ampersands_that_are_no_aliases_are_taken(tmp_path):
    read = _read(tmp_path, 'name: "R &co *x"\ndependencies:\n  - numpy=1.*  # &a *b\n  - "pandas >=2"\n')

    assert [spec.name for spec in read.conda] == ["numpy", "pandas"]


@pytest.mark.parametrize("count", [MAX_ENTRIES + 1, 10_000])
def test_a_list_that_no_one_wrote_by_hand_is_refused(tmp_path, count):
    conda = write_repo(tmp_path, {"environment.yml": "dependencies: [" + "x," * count + "]"})
    assert str(MAX_ENTRIES) in refusal_of(conda).what

    pip = write_repo(tmp_path, {"environment.yml": "dependencies: [{pip: [" + "x," * count + "]}]"})
    assert str(MAX_ENTRIES) in refusal_of(pip).what


def test_a_conda_list_inside_the_list_counts_as_if_it_stood_outside(tmp_path):
    read = _read(tmp_path, "dependencies:\n  - numpy\n  - conda:\n      - pandas=2\n")

    assert [(str(spec), spec.where) for spec in read.conda] == [
        ("numpy", "environment.yml:2"),
        ("pandas=2", "environment.yml:4"),
    ]


def test_a_name_that_stands_twice_is_one_and_told(tmp_path):
    read = _read(tmp_path, _listed("jupyterlab", "numpy", "JupyterLab=3"))

    assert [str(spec) for spec in read.conda] == ["jupyterlab=3", "numpy"]
    assert read.notices == (
        "environment.yml:4: `jupyterlab=3` adds to environment.yml:2: both hold as `jupyterlab=3`",
    )


def test_a_repair_is_told(tmp_path):
    assert _read(tmp_path, _listed("proj=7.*.")).notices == (
        "environment.yml:2: `proj=7.*.` is read as `proj=7.*`",
    )


def test_all_that_has_no_effect_is_told_in_one_notice(tmp_path):
    yml = "name: C:\\Users\\x\nprefix: /opt/x\nvariables: {A: 1}\nauthor: me\n"
    yml += _listed("numpy", "{pip: [--trusted-host x.org, pandas]}")

    assert _read(tmp_path, yml).notices == (
        "environment.yml: without effect here: --trusted-host, prefix, variables; not known to conda: author",
    )


def test_the_prefix_is_kept_for_who_asks_where_it_was_exported(tmp_path):
    assert _read(tmp_path, "prefix: /Users/x/env\ndependencies: [numpy]\n").prefix == "/Users/x/env"


def test_selectors_are_comments_and_told(tmp_path):
    read = _read(tmp_path, "# see [1]\ndependencies:\n  - numpy  # [1] the book\n  - pywin32  # [win]\n")

    assert [spec.name for spec in read.conda] == ["numpy", "pywin32"]
    assert read.notices == (
        "environment.yml: selectors such as `# [win]` are comments to conda, so these lines count: 4",
    )


def test_channels_are_kept_in_order_and_once(tmp_path):
    yml = "channels: [conda-forge, default, nodefaults, conda-forge, https://c.example.org/lab]\n" + _listed(
        "x"
    )

    read = _read(tmp_path, yml)

    assert read.channels == ("conda-forge", "defaults", "https://c.example.org/lab")
    assert read.notices == ("environment.yml:1: the channel `default` is read as `defaults`",)


def test_a_file_under_pip_is_seen_from_environment_yml(tmp_path):
    files_ = {
        "binder/environment.yml": _listed("{pip: [numpy, -r ../pip/more.txt]}"),
        "pip/more.txt": "\npandas>=2\n-r last.txt\n",
        "pip/last.txt": "scipy\n",
    }

    read = read_declaration(write_repo(tmp_path, files_))

    assert read.requirements == (
        Requirement("numpy", "binder/environment.yml:2"),
        Requirement("pandas>=2", "pip/more.txt:2"),
        Requirement("scipy", "pip/last.txt:1"),
    )


def test_a_project_under_pip_is_seen_from_environment_yml(tmp_path):
    files_ = {"binder/environment.yml": _listed("{pip: [-e ..]}"), "setup.py": ""}

    assert read_declaration(write_repo(tmp_path, files_)).local == (
        Item(".", "editable", "binder/environment.yml:2"),
    )


def test_the_other_spelling_of_the_name_is_read(tmp_path):
    assert read_declaration(write_repo(tmp_path, {"environment.yaml": _listed("x")})).conda


@given(st.text(alphabet="-: []{}#&*!|>'\"%@\n\t\\,?abdependncis01.=", max_size=60))
def test_half_written_yaml_is_read_or_refused(text):
    source = Source(Path("/nowhere"), "")
    whole = Text("environment.yml", "dependencies:\n" + text)

    _, refusal = tried(environment_yml.read_environment_yml, source, whole)

    assert refusal is None or refusal.where.startswith("environment.yml")
