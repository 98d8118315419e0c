"""Where somebody can work."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from lectern import names
from lectern.hub.choice import find_place, matching, places, remembered, usual_place
from lectern.hub.preview import PreviewError, Wish, place_for, wish
from lectern.hub.roles import Role, groups_of
from lectern.hub.schedule import Schedule

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _course(name, environments, *, opens_at=None, closes_at=None):
    return SimpleNamespace(
        id=len(name),
        name=name,
        title=name.title(),
        environments=environments,
        schedule=Schedule(opens_at, closes_at, "UTC"),
        memory_bytes=None,
        cpus=None,
        processes=None,
        materials="",
    )


COURSES = [
    _course("art", ["paper"], closes_at=NOW),
    _course("geo", ["maps", "python"]),
    _course("stats", ["python", "r"], opens_at=NOW + HOUR),
]


def _known(**roles):
    groups = {group for course, role in roles.items() for group in groups_of(course, role)}
    return places(COURSES, groups, NOW)


def test_only_ones_own_courses_are_there():
    assert [place.key for place in _known(geo=Role.PARTICIPANT)] == ["geo/maps", "geo/python"]
    assert _known() == []


@pytest.mark.parametrize(("course", "sentence"), [("art", "closed on"), ("stats", "opens on")])
def test_a_participant_waits_for_the_dates_and_whoever_teaches_does_not(course, sentence):
    assert sentence in _known(**{course: Role.PARTICIPANT})[0].refusal.what
    assert _known(**{course: Role.HELPER})[0].refusal is None
    assert _known(**{course: Role.INSTRUCTOR})[0].refusal is None


def test_a_link_can_name_course_environment_or_both():
    known = _known(geo=Role.PARTICIPANT, stats=Role.PARTICIPANT)

    assert find_place(known, course="stats").key == "stats/python"
    assert find_place(known, environment="python").key == "geo/python"
    assert find_place(known, course="stats", environment="r").key == "stats/r"
    assert find_place(known, course="geo", environment="r") is None


def test_a_link_that_names_the_course_alone_leaves_its_environments_to_choose():
    known = _known(geo=Role.PARTICIPANT, stats=Role.PARTICIPANT)

    assert [place.key for place in matching(known, course="geo")] == ["geo/maps", "geo/python"]


def test_the_last_choice_is_usual():
    known = _known(geo=Role.PARTICIPANT)

    assert usual_place(known, {"course": "geo", "environment": "python"}).environment == "python"


@pytest.mark.parametrize("options", [{}, {"course": "left"}, {"environment": 3}, {"course": "stats"}])
def test_without_a_choice_that_still_opens_it_is_the_first_open_place(options):
    known = _known(art=Role.PARTICIPANT, geo=Role.PARTICIPANT, stats=Role.PARTICIPANT)

    assert usual_place(known, options).key == "geo/maps"


def test_who_is_in_closed_courses_only_is_told_so():
    assert usual_place(_known(art=Role.PARTICIPANT), {}).refusal is not None


def test_a_choice_is_remembered_as_it_is_kept():
    known = _known(geo=Role.PARTICIPANT)

    assert remembered(known, known[1].options) is known[1]
    assert remembered(known, {}) is None


# --- trying a release -----------------------------------------------------------------------------


def test_an_instructor_of_a_course_with_the_environment_tries_its_releases():
    known = _known(stats=Role.INSTRUCTOR, geo=Role.PARTICIPANT)

    assert place_for(Wish("python", "3f9c2e1"), known, is_admin=False).course == "stats"


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.HELPER])
def test_nobody_else_tries_releases(role):
    with pytest.raises(PreviewError, match="Only instructors"):
        place_for(Wish("python", "3f9c2e1"), _known(stats=role), is_admin=False)


def test_an_admin_tries_what_is_in_no_course():
    assert place_for(Wish("new", names.PUBLISHED), [], is_admin=True) is None


def test_without_a_release_the_published_one_is_meant():
    assert wish({"environment": "python"}) == Wish("python", names.PUBLISHED)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"environment": "../x"},
        {"environment": "a", "release": "b:c"},
        {"environment": "a", "release": "-"},
    ],
)
def test_what_names_no_release_is_refused(options):
    with pytest.raises(PreviewError, match="names no release"):
        wish(options)
