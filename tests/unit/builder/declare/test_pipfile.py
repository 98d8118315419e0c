import json

import pytest

from lectern.builder.declaration import Item, read_declaration
from tests.support.repos import refusal_of, write_repo

LOCK = {
    "_meta": {"requires": {"python_version": "3.12"}},
    "default": {
        "numpy": {"version": "==2.1.0", "markers": "python_version >= '3.10'", "hashes": ["sha256:0"]}
    },
    "develop": {"pytest": {"version": "==8.0", "extras": ["dev"]}},
}


def _lines(folder, files):
    return [each.line for each in read_declaration(write_repo(folder, files)).requirements]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ('there = "*"', "there"),
        ('there = ">=1,<2"', "there<2,>=1"),
        ('there = {version = "*", extras = ["x", "y"]}', "there[x,y]"),
        ('there = {version = "==1", markers = "os_name == \'posix\'"}', 'there==1; os_name == "posix"'),
        ('there = {version = "==1", sys_platform = "== \'linux\'"}', 'there==1; sys_platform == "linux"'),
        ('there = {git = "https://x.org/y.git", ref = "main"}', "there @ git+https://x.org/y.git@main"),
        ('there = {file = "https://x.org/y.zip"}', "there @ https://x.org/y.zip"),
    ],
)
def test_entries_are_read_as_pipenv_reads_them(tmp_path, entry, line):
    assert _lines(tmp_path, {"Pipfile": f"[dev-packages]\n{entry}\n"}) == [line]


def test_the_lock_counts_before_the_list(tmp_path):
    files = {"Pipfile": '[packages]\nnumpy = "*"\nscipy = "*"\n', "Pipfile.lock": json.dumps(LOCK)}

    read = read_declaration(write_repo(tmp_path, files))

    assert [each.line for each in read.requirements] == [
        'numpy==2.1.0; python_version >= "3.10"',
        "pytest[dev]==8.0",
    ]
    assert read.python == Item("python", "==3.12.*", "Pipfile.lock")


def test_a_project_is_seen_from_the_pipfiles_folder(tmp_path):
    files = {
        "binder/Pipfile": '[packages]\ndummy = {path = "..", editable = true}\n',
        "setup.py": 'setup(name="dummy", install_requires=["there"])\n',
    }

    read = read_declaration(write_repo(tmp_path, files))

    assert read.local == (Item(".", "editable", "binder/Pipfile:2"),)
    assert [each.line for each in read.requirements] == ["there"]


def test_another_index_is_the_resolvers_to_judge(tmp_path):
    source = '[[source]]\nurl = "https://x.org/simple"\n[packages]\nthere = "*"\n'

    assert read_declaration(write_repo(tmp_path, {"Pipfile": source})).options == (
        Item("--extra-index-url", "https://x.org/simple", "Pipfile:2"),
    )


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"Pipfile": "packages = 1\n"}, "Pipfile"),
        ({"Pipfile": "[packages]\nx = 1\n"}, "Pipfile:2"),
        ({"Pipfile": '[packages]\nx = "2.0"\n'}, "Pipfile:2"),
        ({"Pipfile": '[requires]\npython_version = "three"\n'}, "Pipfile:2"),
        ({"Pipfile": '[packages]\nx = {git = "ssh://x.org/y"}\n'}, "Pipfile:2"),
        ({"Pipfile": '[[source]]\nurl = "http://[x"\n'}, "Pipfile:2"),
        ({"Pipfile.lock": '{"_meta": {"sources": [\n{"url": "http://[x"}]}}'}, "Pipfile.lock:2"),
        ({"Pipfile.lock": "{"}, "Pipfile.lock:1"),
        ({"Pipfile.lock": "[]"}, "Pipfile.lock"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(tmp_path, files, where):
    assert refusal_of(write_repo(tmp_path, files)).where == where
