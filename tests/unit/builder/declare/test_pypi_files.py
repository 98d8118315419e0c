from lectern.builder.declaration import Item, Requirement, read_declaration
from tests.support.repos import refusal_of, write_repo

PYPROJECT = '[project]\nname = "x"\ndependencies = ["pandas"]\n'
BUILT = PYPROJECT + '[build-system]\nrequires = ["hatchling"]\n'


def test_both_files_count(tmp_path):
    write_repo(tmp_path, {"requirements.txt": "numpy\n", "pyproject.toml": PYPROJECT})

    assert read_declaration(tmp_path).requirements == (
        Requirement("numpy", "requirements.txt:1"),
        Requirement("pandas", "pyproject.toml:3"),
    )


def test_a_repo_that_is_a_project_is_installed_as_on_binder(tmp_path):
    assert read_declaration(write_repo(tmp_path, {"pyproject.toml": BUILT})).local == (
        Item(".", "", "pyproject.toml"),
    )
    assert read_declaration(write_repo(tmp_path, {"pyproject.toml": PYPROJECT})).local == ()


def test_a_project_that_is_named_too_is_installed_once(tmp_path):
    write_repo(tmp_path, {"pyproject.toml": BUILT, "requirements.txt": "-e .\n"})

    assert read_declaration(tmp_path).local == (Item(".", "editable", "requirements.txt:1"),)


def test_a_lock_beside_pyproject_is_kept(tmp_path):
    write_repo(tmp_path, {"pyproject.toml": PYPROJECT, "uv.lock": "version = 1\n"})

    assert read_declaration(tmp_path).texts == {"uv.lock": "version = 1\n"}


def test_a_broken_lock_is_refused(tmp_path):
    write_repo(tmp_path, {"pyproject.toml": PYPROJECT, "uv.lock": "version = 1\nversion = 2\n"})

    assert refusal_of(tmp_path).where == "uv.lock:2"


def test_files_that_would_have_to_run_are_told_once(tmp_path):
    write_repo(tmp_path, {"requirements.txt": "numpy\n", "setup.py": "", "Pipfile": "", "Pipfile.lock": ""})

    assert read_declaration(tmp_path).notices == (
        "not read: setup.py, Pipfile, Pipfile.lock; list packages in requirements.txt",
    )
