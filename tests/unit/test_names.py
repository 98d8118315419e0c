import re

from hypothesis import assume, given
from hypothesis import strategies as st

from lectern import names

PEOPLE = st.text(min_size=1, max_size=80)
PROJECTS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,40}", fullmatch=True)
DOCKER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
NAMERS = (names.home_volume, names.workspace_container, names.shared_volume)


@given(PEOPLE, PEOPLE)
def test_no_two_participants_share_a_home_or_a_container(one, other):
    assume(one != other)

    for name in NAMERS:
        assert name("lectern", one) != name("lectern", other)


@given(PEOPLE)
def test_a_name_made_to_look_like_a_hashed_one_is_not_taken_for_it(person):
    hashed = names.home_volume("p", person).removeprefix("p_home_")
    assume(hashed != person)

    assert names.home_volume("p", hashed) != names.home_volume("p", person)


@given(PROJECTS, PEOPLE)
def test_docker_takes_every_name(project, person):
    for name in NAMERS:
        made = name(project, person)

        assert DOCKER_NAME.fullmatch(made)
        assert len(made) < 200


@given(PROJECTS, PROJECTS, PEOPLE, PEOPLE)
def test_two_projects_never_clash(one, other, someone, somebody):
    assume(one != other)

    for name in NAMERS:
        for same in NAMERS:
            assert name(one, someone) != same(other, somebody)
    assert names.classroom_network(one) != names.classroom_network(other)
    assert names.published_tag(one, "course") != names.published_tag(other, "course")


@given(PROJECTS, PEOPLE)
def test_a_home_a_container_and_a_shared_folder_never_have_one_name(project, person):
    assert len({name(project, person) for name in NAMERS}) == len(NAMERS)


def test_a_plain_name_stays_readable():
    assert names.home_volume("lectern", "ada-2") == "lectern_home_ada-2"
