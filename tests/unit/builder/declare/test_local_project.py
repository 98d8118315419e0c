import pytest

from lectern.builder.declaration import Item, read_declaration
from tests.support.repos import refusal_of, write_repo

PYPROJECT = """[build-system]
requires = ["hatchling"]
[project]
name = "x"
dependencies = [
    "pandas>=2",
]
[project.optional-dependencies]
plot = ["matplotlib"]
"""


def _read(folder, line, **files):
    return read_declaration(write_repo(folder, {"requirements.txt": f"{line}\n", **files}))


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [
        ("-e .", ".", "editable"),
        ("-e.", ".", "editable"),
        (".", ".", ""),
        ("./", ".", ""),
        ("file:.", ".", ""),
    ],
)
def test_the_repo_itself_is_recorded(tmp_path, line, name, kind):
    assert _read(tmp_path, line, **{"setup.py": ""}).local == (Item(name, kind, "requirements.txt:1"),)


@pytest.mark.parametrize("line", ["./tools/x", "tools/x", "-e tools/x", "./a/../tools/x"])
def test_a_folder_is_recorded_and_what_it_needs_is_read(tmp_path, line):
    read = _read(tmp_path, line, **{"tools/x/pyproject.toml": PYPROJECT})

    assert [item.name for item in read.local] == ["tools/x"]
    assert [(each.line, each.where) for each in read.requirements] == [
        ("pandas>=2", "tools/x/pyproject.toml:6")
    ]
    assert read.notices == ()


def test_a_project_that_environment_yml_names_counts(tmp_path):
    files = {"environment.yml": "dependencies: [{pip: [-e .]}]\n", "pyproject.toml": PYPROJECT}

    read = read_declaration(write_repo(tmp_path, files))

    assert [each.line for each in read.requirements] == ["pandas>=2"]
    assert read.notices == ()


def test_extras_of_a_project_are_read(tmp_path):
    read = _read(tmp_path, "-e ./x[plot]", **{"x/pyproject.toml": PYPROJECT})

    assert [each.line for each in read.requirements] == ["pandas>=2", "matplotlib"]


@pytest.mark.parametrize(
    "files", [{"x/setup.py": ""}, {"x/pyproject.toml": '[project]\nname = "x"\ndynamic = ["dependencies"]\n'}]
)
def test_what_is_known_only_when_it_is_built_is_told(tmp_path, files):
    notice, *_ = _read(tmp_path, "./x", **files).notices

    assert (
        notice
        == "requirements.txt:1: what `x` needs is only known when it is built: list it in requirements.txt"
    )


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("./x", "needs a pyproject.toml"),
        ("./x[plot", "`./folder`"),
        ("./x;id", "`./folder`"),
        ("./$(id)", "`./folder`"),
        (".[no]", "there are: plot"),
    ],
)
def test_what_is_no_project_is_refused(tmp_path, line, hint):
    refusal = refusal_of(write_repo(tmp_path, {"requirements.txt": f"{line}\n", "pyproject.toml": PYPROJECT}))

    assert refusal.where == "requirements.txt:1"
    assert hint in refusal.hint


@pytest.mark.parametrize(("line", "needs"), [("./x", ["numpy"]), ("./x[plot]", ["numpy"])])
def test_what_a_setup_py_writes_out_is_read(tmp_path, line, needs):
    read = _read(tmp_path, line, **{"x/setup.py": 'setup(name="x", install_requires=["numpy"])\n'})

    assert [each.line for each in read.requirements] == needs
    assert read.notices == ()
