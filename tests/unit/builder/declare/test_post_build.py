import pytest

from lectern.builder.declaration import Item, read_declaration
from tests.support.repos import refusal_of, write_repo


def _read(folder, script, **files):
    return read_declaration(write_repo(folder, {"postBuild": f"#!/bin/bash\n{script}\n", **files}))


@pytest.mark.parametrize(
    "command",
    [
        "pip install there",
        "python3 -m pip install --no-cache-dir -U 'there'",
        "/opt/conda/bin/pip install -q there",
        "pip install \\\n  there",
        "uv pip install --system there",
    ],
)
def test_what_pip_would_install_is_locked_instead(tmp_path, command):
    read = _read(tmp_path, f"set -e\n{command}\necho done")

    assert [(each.line, each.where) for each in read.requirements] == [("there", "postBuild:3")]
    assert "pip" not in read.texts["postBuild"]
    assert len(read.texts["postBuild"].splitlines()) == 4 + command.count("\n")
    assert "is read as requirements, which are locked" in read.notices[-1]


def test_files_and_projects_that_pip_would_install_are_read(tmp_path):
    files = {"more.txt": "numpy\n", "setup.py": 'setup(name="x", install_requires=["there"])\n'}

    read = _read(tmp_path, "pip install -r more.txt -e .", **files)

    assert [each.line for each in read.requirements] == ["there", "numpy", "there"]
    assert [item.name for item in read.local] == [".", "."]


@pytest.mark.parametrize(
    "command",
    [
        "pip install $EXTRA",
        'pip install -e "${CODE}"',
        'pip install -r "$REQ"',
        "pip install -e ~/code",
        "pip install -r `ls *.txt`",
        "pip install --target lib there",
        "cd sub\npip install -r requirements.txt",
    ],
)
def test_what_only_a_shell_could_tell_is_left_and_told(tmp_path, command):
    read = _read(tmp_path, command)

    assert read.requirements == ()
    assert read.texts["postBuild"] == f"#!/bin/bash\n{command}\n"
    assert read.notices[0].endswith("list its packages in requirements.txt")


def test_an_address_with_further_words_is_read_behind_an_option(tmp_path):
    read = _read(tmp_path, "pip install -e 'git+https://example.org/o/r.git#egg=there&subdirectory=x'")

    assert [each.line for each in read.requirements] == [
        "there @ git+https://example.org/o/r.git#subdirectory=x"
    ]


@pytest.mark.parametrize(
    "script",
    [
        "if test -e x; then\n  pip install there\nfi",
        "test -e x || pip install there",
        "later() {\n  pip install there\n}",
        "for x in a b; do\n  pip install there\ndone",
        "cat >x <<END\npip install there\nEND",
        "echo 'pip install there\npip install here'",
        "# pip install there",
    ],
)
def test_commands_that_may_not_run_are_the_shells_own(tmp_path, script):
    read = _read(tmp_path, script)

    assert read.requirements == ()
    assert read.texts["postBuild"] == f"#!/bin/bash\n{script}\n"


def test_commands_on_one_line_are_told_apart(tmp_path):
    read = _read(
        tmp_path, "echo a && pip install 'there>=1' && jupyter lab build; echo 'b;c' # pip install no"
    )

    assert [each.line for each in read.requirements] == ["there>=1"]
    assert read.texts["postBuild"].splitlines()[1] == "echo a && true && true; echo 'b;c' # pip install no"


def test_what_conda_would_install_is_read_as_its_entries(tmp_path):
    read = _read(
        tmp_path,
        "conda install -y -c conda-forge 'numpy>=2' scipy=1.14\nmamba clean -a",
        **{"environment.yml": "dependencies: [numpy]\n"},
    )

    assert [str(spec) for spec in read.conda] == ["numpy>=2", "scipy=1.14"]
    assert read.texts["postBuild"] == "#!/bin/bash\ntrue\ntrue\n"


@pytest.mark.parametrize(
    ("command", "dead"),
    [
        ("conda install -y -c bioconda --channel lab blast", "-c bioconda, --channel lab"),
        ("mamba install --override-channels -n base blast", "--override-channels, -n base"),
        ("pip install -q --pre there -U --no-cache-dir", "--pre, -U"),
        ("pip install -r hashed.txt", "--hash"),
    ],
)
def test_options_without_effect_are_told_in_the_one_notice(tmp_path, command, dead):
    (notice,) = _read(tmp_path, command, **{"hashed.txt": "there==1 --hash=sha256:0f\n"}).notices

    assert notice.endswith(f", which are locked; without effect here: {dead}")


def test_what_r_would_install_is_read_like_install_r(tmp_path):
    read = _read(
        tmp_path, """Rscript -e 'install.packages(c("dplyr", "zoo"))' -e 'install.packages("xts")'"""
    )

    assert read.r == tuple(Item(name, "", "postBuild:2") for name in ("dplyr", "zoo", "xts"))


def test_an_r_package_that_cannot_be_locked_is_refused(tmp_path):
    script = "#!/bin/bash\nR -e 'remotes::install_github(\"a/b\")'\n"

    assert refusal_of(write_repo(tmp_path, {"postBuild": script})).where == "postBuild:2"


def test_lines_of_r_code_are_those_of_the_script(tmp_path):
    read = _read(tmp_path, """Rscript -e '\ninstall.packages("zoo")\nsystem("x")\n'""")

    assert read.r == (Item("zoo", "", "postBuild:3"),)
    assert read.notices[-1] == "postBuild: only what it installs is read; not done: `system` (line 4)"


def test_a_kernels_own_installer_is_the_catalogues_language(tmp_path):
    assert _read(tmp_path, "python -m bash_kernel.install").kernels == (Item("bash", "", "postBuild:2"),)


@pytest.mark.parametrize(
    "command",
    [
        "jupyter labextension install @jupyter-widgets/jupyterlab-manager",
        "jupyter nbextension enable --py --sys-prefix ipyleaflet",
        "jupyter server extension enable x",
        "python -m ipykernel install --user --name course",
        "sudo apt-get install -y git",
        "conda env update -f environment.yml",
    ],
)
def test_what_has_no_effect_here_is_told_and_not_run(tmp_path, command):
    read = _read(tmp_path, command)

    assert read.texts["postBuild"] == "#!/bin/bash\ntrue\n"
    assert read.notices[0].startswith("postBuild:2: `")
    assert "is not run" in read.notices[0]


def test_a_script_of_another_program_is_left_as_it_is(tmp_path):
    script = "#!/usr/bin/env python3\npip install there\n"

    read = read_declaration(write_repo(tmp_path, {"postBuild": script}))

    assert (read.requirements, read.texts["postBuild"]) == ((), script)
