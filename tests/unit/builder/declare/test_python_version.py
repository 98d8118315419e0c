import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from lectern.builder.declare.conda_spec import read_spec
from lectern.builder.declare.items import Item
from lectern.builder.declare.python_version import both_pythons, python_of_conda
from lectern.errors import DeclarationError
from tests.support.refusals import tried

WHERE = "environment.yml:2"


def _version(text):
    found = python_of_conda(read_spec(text, WHERE).spec)
    return found.version if found else None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("python", None),
        ("python=3.9", "==3.9.*"),
        ("python = 3.9", "==3.9.*"),
        ("python 3.9", "==3.9"),
        ("python==3.9.7", "==3.9.7"),
        ("python 3.10.12.*", "==3.10.12.*"),
        ("python=3", "==3.*"),
        ("python>=3.9,<3.13", "<3.13,>=3.9"),
        ("python!=3.9.1", "!=3.9.1"),
        ("python!=3.9.*", "!=3.9.*"),
        ("python~=3.9", "~=3.9"),
        ("python=3.9=*_cpython", "==3.9"),
        ("python=3.11|=3.12", "<3.13,>=3.11"),
        ("python=3.11.2|=3.11.3", "<3.11.4,>=3.11.2"),
        ("python>=3.8,<3.10|>=3.9", ">=3.8"),
    ],
)
def test_condas_python_becomes_a_range_of_pypi(text, version):
    assert _version(text) == version


@pytest.mark.parametrize(
    "text",
    ["python=abc", "python~=3", "python=3.9|=3.11", "python=4000|=5000", "python=1!3", "python>=3.9rc1"],
)
def test_what_is_no_range_of_pythons_is_refused(text):
    with pytest.raises(DeclarationError) as caught:
        _version(text)

    assert caught.value.where == WHERE


def test_two_files_that_no_python_fits_are_refused_with_both_lines():
    first, second = Item("python", "==3.9.*", "runtime.txt:1"), Item("python", ">=3.11", "pyproject.toml:4")

    with pytest.raises(DeclarationError) as caught:
        both_pythons(first, second)

    assert caught.value.where == "runtime.txt:1"
    assert "pyproject.toml:4" in caught.value.what


@given(st.lists(st.integers(0, 25), min_size=1, max_size=4))
def test_alternatives_admit_neither_more_nor_less(minors):
    text = "python " + "|".join(f"=3.{minor}" if minor else "=3.0" for minor in minors)

    version, refusal = tried(_version, text)

    if refusal:
        assert max(minors) - min(minors) + 1 > len(set(minors))
    else:
        admitted = {minor for minor in range(26) if Version(f"3.{minor}.5") in SpecifierSet(version)}
        assert admitted == set(minors)
