import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declare.items import Item
from lectern.builder.resolve.python_version import OFFERED, PREFERRED, choose_python, python_line
from lectern.errors import ResolveError
from tests.support.refusals import tried

WHERE = "environment.yml:7"


def _choose(*versions):
    return choose_python(
        [Item("python", version, f"environment.yml:{7 + n}") for n, version in enumerate(versions)]
    )


@pytest.mark.parametrize(
    ("version", "candidates"),
    [
        *(("==3.13.*", ("3.13",)), ("==3.13", ("3.13",)), ("==3.13.5", ("3.13",)), ("==3.*", PREFERRED)),
        *(
            (">=3.10", PREFERRED),
            ("<3.14,>=3.9", PREFERRED),
            ("<3.13", ("3.12", "3.11")),
            ("<3.11", ("3.10",)),
        ),
        *(("==3.8.*", ("3.8",)), ("==3.9.18", ("3.9",)), (">=3.14", ("3.14",)), ("~=3.12.1", ("3.12",))),
        *((">=3.12", ("3.13", "3.12")), ("!=3.13.*", ("3.12", "3.11"))),
    ],
)
def test_the_pythons_that_a_line_admits_are_tried_and_no_others(version, candidates):
    assert _choose(version).candidates == candidates


def test_without_a_line_the_usual_ones_are_tried():
    assert choose_python([]).candidates == _choose("").candidates == PREFERRED


@pytest.mark.parametrize("minor", OFFERED)
def test_every_offered_python_can_be_named(minor):
    assert _choose(f"=={minor}.*").candidates == (minor,)


@pytest.mark.parametrize(
    ("version", "said", "nearest"),
    [
        *(
            ("==3.6.*", "ended in 2021", "3.8"),
            ("==3.7.12", "ended in 2023", "3.8"),
            ("==2.7.*", "ended in 2020", "3.8"),
        ),
        *(
            ("==3.15.*", "3.8 to 3.14", "3.14"),
            (">=4", "3.8 to 3.14", ""),
            ("nonsense", "no version", "3.13"),
        ),
    ],
)
def test_a_python_that_cannot_be_had_is_refused_with_the_nearest(version, said, nearest):
    with pytest.raises(ResolveError) as caught:
        _choose(version)

    assert caught.value.where == WHERE
    assert said in caught.value.what
    assert f"python={nearest}" in caught.value.hint


def test_a_patch_release_becomes_its_minor_one_with_a_notice():
    assert "environment.yml:7: Python 3.10" in _choose("==3.10.12").notices[0]
    assert _choose("==3.10.*").notices == ()


def test_two_lines_have_to_agree():
    assert _choose(">=3.9", "==3.10.*").candidates == ("3.10",)
    with pytest.raises(ResolveError, match="exclude each other"):
        _choose("==3.9.*", "==3.10.*")


def test_one_line_that_admits_no_python_says_what_excludes_what():
    with pytest.raises(ResolveError) as caught:
        _choose(">=3.13,<3.12")

    assert caught.value.what == "`python>=3.13` and `python<3.12` exclude each other (environment.yml:7)"
    assert caught.value.hint == "keep one of them"


def test_a_range_of_pythons_that_ended_still_gets_the_nearest():
    with pytest.raises(ResolveError, match=r"the nearest is 3\.8"):
        _choose(">=3.6,<3.8")


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("environment.yml:3", "`- python=3.9`"),
        ("binder/environment.yaml:3", "`- python=3.9`"),
        ("pyproject.toml:3", '`requires-python = "==3.9.*"`'),
        ("binder/Pipfile:3", '`python_version = "3.9"`'),
        ("runtime.txt:1", "`python-3.9`"),
        ("requirements.txt:3", "`python-3.9` into runtime.txt"),
        ("PyPI", "`python-3.9` into runtime.txt"),
    ],
)
def test_a_python_is_asked_for_as_the_file_has_it(where, line):
    assert python_line("3.9", where) == line


def test_what_is_no_version_is_answered_in_the_words_of_its_file():
    with pytest.raises(ResolveError) as caught:
        choose_python([Item("python", "nonsense", "Pipfile:2")])

    assert caught.value.hint == 'write `python_version = "3.13"`'


@given(st.text() | st.text(alphabet="<>=!~.,*|0123456789ab +-"))
def test_any_version_is_taken_or_refused(version):
    choice, refusal = tried(_choose, version)

    assert refusal is None or refusal.where == WHERE
    assert choice is None or set(choice.candidates) <= set(OFFERED)
