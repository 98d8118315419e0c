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


def test_a_repo_with_a_setup_py_is_installed_with_what_it_needs(tmp_path):
    write_repo(
        tmp_path, {"setup.py": 'import setuptools\nsetuptools.setup(name="x", install_requires=["numpy"])\n'}
    )

    read = read_declaration(tmp_path)

    assert read.local == (Item(".", "", "setup.py"),)
    assert read.requirements == (Requirement("numpy", "setup.py"),)


def test_a_setup_py_outside_of_the_binder_folder_does_not_count(tmp_path):
    write_repo(tmp_path, {"setup.py": "", "binder/requirements.txt": "numpy\n"})

    assert read_declaration(tmp_path).local == ()


def test_what_only_running_setup_py_would_tell_is_asked_for(tmp_path):
    read = read_declaration(write_repo(tmp_path, {"setup.py": "setup(**computed())\n"}))

    assert read.local == (Item(".", "", "setup.py"),)
    assert "what `.` needs is only known when it is built" in read.notices[0]


def test_a_pipfile_counts_before_all_but_environment_yml_as_on_binder(tmp_path):
    write_repo(
        tmp_path, {"Pipfile": '[packages]\nthere = "*"\n', "requirements.txt": "numpy\n", "setup.py": ""}
    )

    read = read_declaration(tmp_path)

    assert read.requirements == (Requirement("there", "Pipfile:2"),)
    assert read.local == ()
    assert read.notices == ("requirements.txt, setup.py: not read beside Pipfile, as on mybinder.org",)
