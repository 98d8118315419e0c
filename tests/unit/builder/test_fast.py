import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement as Pep508
from packaging.specifiers import SpecifierSet

from lectern.builder.declaration import CondaSpec, Declaration, Item, Requirement
from lectern.builder.resolve import fast
from lectern.builder.resolve.fast import pep440, translate
from lectern.errors import ResolveError
from tests.support.refusals import tried

WHERE = "environment.yml:7"
KINDS_OF_EFFECT = {"pypi-same", "pypi-other", "renamed", "platform", "debian", "R-debian"}


def _wanted(name, version="", **more):
    return translate(Declaration(conda=(CondaSpec(name, version, where=WHERE),), **more))


def _refusal(name, version=""):
    with pytest.raises(ResolveError) as caught:
        _wanted(name, version)
    assert caught.value.where == WHERE
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    "version",
    [
        *("", "3", "=3", "3.13", "=3.13", "==3.13", "=3.13.*", "3.13.5", "=3.13.5", "==3.13.5", "==3.13.*"),
        *(
            ">=3.10",
            ">=3.10,<4",
            ">=3.10, <4",
            " >=3.9,<3.14",
            "<3.14",
            "<=3.13",
            ">3.12",
            "~=3.13",
            "!=3.12",
        ),
    ],
)
def test_the_python_that_is_there_is_taken(version):
    assert _wanted("python", version).python == ("ipykernel",)


@pytest.mark.parametrize(
    "version",
    [
        *("2", "=2.7", "3.12", "=3.14", "==3.12.*", "3.1", "=3.130", ">=3.14", ">=3.14,<4", ">=4", "<3.13"),
        *(
            "<=3.12",
            ">3.13.99",
            "!=3.13.*",
            "~=3.12.1",
            "3.8,<4",
            "nonsense",
            "=3.13=*_cpython",
            "3.12|3.13",
            ",",
        ),
    ],
)
def test_another_python_is_refused(version):
    assert "python" in _refusal("python", version).hint


@pytest.mark.parametrize(
    ("version", "written"),
    [
        ("", ""),
        ("=1.2", "==1.2.*"),
        ("1.2", "==1.2.*"),
        ("==1.2", "==1.2"),
        ("=1.2.*", "==1.2.*"),
        (">=1,<2", "<2,>=1"),
        (">= 1 , < 2", "<2,>=1"),
        ("=2.0rc1", "==2.0rc1"),
    ],
)
def test_a_conda_version_becomes_one_of_pypi(version, written):
    assert pep440(CondaSpec("numpy", version, where=WHERE)) == written


@pytest.mark.parametrize(
    "version", ["=1.2=py39h1", "==1.2=0", "=1.2|=1.3", "=1.2 py39", ">", ",", "=1;x", "@ file"]
)
def test_what_only_conda_can_honour_is_refused(version):
    assert _refusal("numpy", version)


@given(st.text() | st.text(alphabet="<>=!~.,*|0123456789ab +-"))
def test_any_version_is_written_or_refused(version):
    written, refusal = tried(pep440, CondaSpec("numpy", version, where=WHERE))

    if refusal:
        assert refusal.where == WHERE
    else:
        # One line of requirements.txt, whatever was written: no options, markers, addresses or comments.
        assert re.fullmatch(r"[\w.*+!<>=~,-]*", written)


@given(st.text() | st.text(alphabet="<>=!~.,*|0123456789ab +-"))
def test_any_version_of_python_is_taken_or_refused(version):
    _, refusal = tried(_wanted, "python", version)

    assert refusal is None or refusal.where == WHERE


@given(
    st.lists(st.integers(0, 999), min_size=1, max_size=4), st.sampled_from(["", "=", "==", ">=", "<", "!="])
)
def test_every_plain_version_becomes_a_specifier(numbers, operator):
    SpecifierSet(pep440(CondaSpec("numpy", operator + ".".join(map(str, numbers)), where=WHERE)))


def test_an_unknown_name_is_never_guessed_but_the_nearest_is_told():
    assert "did you mean `pandas`?" in _refusal("pandsa").hint
    assert "did you mean" not in _refusal("qqqqqqqqqq").hint


def test_what_neither_source_has_says_so():
    assert "neither" in _refusal("r-visdat").what


@pytest.mark.parametrize("name", ["r-ggplot2", "r-base", "ffmpeg"])
def test_a_version_of_what_debian_has_is_refused(name):
    refusal = _refusal(name, "=4.3")

    assert f"`{name}=4.3`" in refusal.what
    assert refusal.hint == f"write `- {name}`"


def test_r_brings_its_kernel():
    wanted = _wanted("r-ggplot2")

    assert wanted.has_r
    assert wanted.debian == ("r-base-core", "r-cran-ggplot2", "r-cran-irkernel")


def test_order_never_matters():
    items = tuple(CondaSpec(name, where=WHERE) for name in ("scipy", "numpy", "git", "curl"))

    assert translate(Declaration(conda=items)) == translate(Declaration(conda=items[::-1]))


def test_a_requirement_and_a_debian_package_go_through_as_written():
    wanted = translate(
        Declaration(requirements=(Requirement("pandas>=2", WHERE),), apt=(Item("g++", "", WHERE),))
    )

    assert wanted == fast.Wanted(("ipykernel", "pandas>=2"), ("g++",))
    assert not wanted.has_r


def test_every_row_of_the_table_can_be_used():
    for name, row in fast._table().items():  # noqa: SLF001
        assert re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", name), name
        assert row.kind, name
        if row.kind in {"pypi-same", "pypi-other", "renamed", "platform"}:
            assert not Pep508(row.pypi).specifier, name
        if row.kind in {"debian", "R-debian"}:
            assert re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", row.debian), name
        if row.kind in KINDS_OF_EFFECT:
            assert _wanted(name), name
