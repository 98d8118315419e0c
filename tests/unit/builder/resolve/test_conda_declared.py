"""What conda's resolver does with the parts of a declaration that are no conda packages."""

import pytest

from lectern.builder.declaration import read_declaration
from lectern.builder.declare.items import Requirement
from lectern.builder.resolve.conda_declared import read_beside
from lectern.builder.resolve.refusals import RefusedError
from lectern.builder.resolving import resolve
from lectern.settings import Settings
from tests.support.repos import write_repo

CONDA = {"lectern.yml": "resolver: conda\n"}


@pytest.fixture
def beside(tmp_path):
    return lambda files: read_beside(read_declaration(write_repo(tmp_path / "repo", files)))


@pytest.fixture
def refusal(beside):
    def do(files):
        with pytest.raises(RefusedError) as caught:
            beside(files)
        assert caught.value.hint
        return caught.value

    return do


def _pip(*lines, conda=("numpy",)):
    listed = "".join(f"  - {name}\n" for name in conda)
    return {
        "environment.yml": f"dependencies:\n{listed}  - pip:\n" + "".join(f"    - {one}\n" for one in lines)
    }


def test_bounds_and_pre_are_carried_to_pip_s_part(beside):
    found = beside(_pip("lab", "-c bounds.txt", "--pre") | {"bounds.txt": "tiny < 2\n"})

    assert found.constraints == (Requirement("tiny<2", "bounds.txt:1"),)
    assert found.allows_prereleases
    assert found.notices == ()


def test_an_option_without_effect_is_told(beside):
    option = "--extra-index-url https://download.pytorch.org/whl/cpu"

    assert beside(_pip("lab", option)).notices == (f"options without effect here: {option}",)


@pytest.mark.parametrize(
    ("files", "where", "way"),
    [
        (
            {"install.R": 'install.packages("DBI")\n'},
            "install.R:1",
            "write `- r-dbi` or `- bioconductor-dbi`",
        ),
        ({"install.R": 'library(x)\ninstall.packages("parallel")\n'}, "install.R:2", "write `- r-base`"),
        ({"DESCRIPTION": "Imports: dplyr (>= 1.1)\n"}, "DESCRIPTION:1", "`- r-dplyr`"),
        ({"DESCRIPTION": "Package: mine\n", "NAMESPACE": ""}, "DESCRIPTION:1", "take DESCRIPTION away"),
        ({"runtime.txt": "r-4.4-2025-01-02\n"}, "runtime.txt:1", "`- r-base=4.4`"),
        ({"environment.yml": "dependencies:\n  - pyvista[all]\n"}, "environment.yml:2", "write `- pyvista`"),
        (_pip("--extra-index-url https://example.org/simple"), "environment.yml:4", "ask your administrator"),
        (_pip("-c bounds.txt") | {"bounds.txt": "x @ https://x.org/x.whl\n"}, "bounds.txt:1", "#sha256="),
    ],
)
def test_what_would_be_left_out_is_refused_at_its_line(refusal, files, where, way):
    problem = refusal(files)

    assert problem.where == where
    assert way in problem.hint


def test_all_that_would_be_left_out_stands_in_one_message(refusal):
    problem = refusal(_pip("--no-binary x") | {"install.R": 'install.packages(c("dplyr", "DBI"))\n'})

    assert "environment.yml:4: " in problem.what
    assert "install.R:1: `dplyr`" in problem.what
    assert "install.R:1: `DBI`" in problem.what


def test_r_packages_that_conda_s_part_names_as_well_are_told_to_be_taken_from_there(beside):
    script = 'install.packages(c("DBI", "DESeq2", "parallel"))\n'
    conda = "dependencies:\n  - r-dbi\n  - bioconductor-deseq2\n"

    (said,) = beside({"install.R": script, "environment.yml": conda}).notices

    assert said.startswith("taken as environment.yml names them: ")
    assert said.endswith(": DBI (install.R:1), DESeq2 (install.R:1), parallel (install.R:1)")


def test_it_is_refused_before_anything_is_asked_of_a_channel(tmp_path):
    repo = write_repo(tmp_path / "repo", CONDA | {"install.R": 'install.packages("DBI")\n'})
    settings = Settings(builds=tmp_path / "builds", conda_channels="http://127.0.0.1:9")

    with pytest.raises(RefusedError, match="DBI"):
        resolve(read_declaration(repo), repo, settings, base=None)
