import re

import pytest
from packaging.requirements import Requirement as Parsed

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import CondaSpec
from lectern.builder.languages.catalogue import read_catalogue
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.names_table import Kind, find_near, find_row, normalised, table
from lectern.builder.resolve.refusals import RefusedError

PYPI = {Kind.PYPI_SAME, Kind.PYPI_OTHER, Kind.PLATFORM, Kind.RENAMED, Kind.SUCCESSOR}
SILENT = {
    Kind.IGNORE,
    Kind.STANDARD_LIBRARY,
    Kind.C_LIBRARY,
    Kind.GPU,
    Kind.CLASSIC_NOTEBOOK,
    Kind.IGNORE_UNLESS_USED,
}
REFUSED = {Kind.META, Kind.CONDA_ONLY, Kind.DEBIAN_MISSING, Kind.KERNEL}
SERVER = "the server has its own"


def _translated(name):
    return translate(Declaration(conda=(CondaSpec(name, where="environment.yml:1"),)))


def _projects(wanted):
    return {normalised(Parsed(line).name) for line in wanted.python} - {"ipykernel"}


@pytest.mark.parametrize("name", sorted(table()))
def test_each_row_is_treated_as_the_table_says(name):
    row = table()[name]
    if row.kind in REFUSED:
        with pytest.raises(RefusedError) as caught:
            _translated(name)
        assert (caught.value.where, bool(caught.value.hint)) == ("environment.yml:1", True)
        return
    wanted = _translated(name)
    said = " ".join(wanted.notices)
    if row.kind in PYPI and SERVER not in said:
        project = "nbconvert" if name == "nbconvert-core" else row.pypi.partition("[")[0]
        assert _projects(wanted) == {normalised(project)} - {"ipykernel"}
        assert {*filter(None, [row.debian]), *row.also} <= set(wanted.debian)
        assert (row.kind is Kind.RENAMED) == ("another name" in said)
        assert (row.kind is Kind.SUCCESSOR) == ("takes its place" in said)
    elif row.kind is Kind.PLATFORM:
        assert name in said
        assert _projects(wanted) <= {"ipywidgets"}
    elif row.kind in {Kind.DEBIAN, Kind.DEBIAN_PYTHON, Kind.R_DEBIAN}:
        assert {row.debian, *row.also} <= set(wanted.debian)
        assert _projects(wanted) == set()
    elif row.kind in {Kind.R_MISSING, Kind.META_R}:
        assert [item.name for item in wanted.r] == [name]
    elif row.kind is Kind.PYTHON:
        assert (wanted.python, wanted.debian) == (("ipykernel",), ())
    else:
        assert row.kind in SILENT
        assert (wanted.python, wanted.debian, name in said) == (("ipykernel",), (), True)


def test_the_table_is_sound():
    assert len(table()) > 876
    for row in table().values():
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", row.name), row
        assert not row.pypi or not Parsed(row.pypi).specifier, row
        for package in (row.debian, *row.also):
            assert re.fullmatch(r"([a-z0-9][a-z0-9+.-]+)?", package), row


def test_spellings_of_one_name_mean_the_same():
    for name in table():
        assert find_row(name.upper().lower()) is table()[name]
        other = find_row(re.sub("[-_.]", "_", name))
        assert other
        assert normalised(other.pypi) == normalised(table()[name].pypi), name


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("uxarray", "uxarray"),
        ("hydra-core", "hydra-core"),
        ("nbconvert-webpdf", "nbconvert[webpdf]"),
        ("py-opencv", "opencv-python-headless"),
        ("ignite", "pytorch-ignite"),
        ("jupyter_sphinx", "jupyter-sphinx"),
    ],
)
def test_conda_names_that_pypi_has_too_or_calls_otherwise_are_known(name, line):
    assert line in _translated(name).python


def test_a_near_name_is_found_and_a_far_one_is_not():
    assert find_near("pandsa") == "pandas"
    assert find_near("qqqqqqqqqq") == ""


@pytest.mark.parametrize("name", ["numppy", "matplotlb", "seabron", "scikit_lern", "tensorlow"])
def test_a_slip_of_the_fingers_is_seen(name):
    assert find_near(name) in {"numpy", "matplotlib", "seaborn", "scikit-learn", "tensorflow"}


@pytest.mark.parametrize(
    "name",
    ["pathlibs", "yarray", "hydra-corr", "regionmap-x", "wplot", "libopencv", "xeus-sql", "nbclean", "zox"],
)
def test_a_name_that_is_merely_alike_is_not_taken_for_a_slip(name):
    known = ("oauthlib", "xarray", "ray-core", "regions", "splot", "opencv", "xeus-sqlite", "nbclient", "sox")

    assert find_near(name, known) == ""


def test_kernels_of_the_table_are_languages_that_there_are():
    languages = {row.note for row in table().values() if row.kind is Kind.KERNEL}

    assert languages <= read_catalogue().keys()
