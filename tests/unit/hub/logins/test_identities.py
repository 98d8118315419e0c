"""Names of newcomers, and who is who, on a database in memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterhub import orm

from lectern.hub import accounts
from lectern.hub.logins import identities


@pytest.fixture
def db(session):
    identities.ensure_table(session)
    return session


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Ada", "ada"),
        ("ada.lovelace@uni.example", "ada-lovelace"),
        ("Müller, Jürgen (ext)", "mueller-juergen-ext"),
        ("Łukasz Żółć", "lukasz-zolc"),
        ("2fast", "fast"),
        ("a", "person-a"),
        ("教師", "person"),
        ("", "person"),
        ("ada/../../root", "ada-root"),
        ("x" * 200, "x" * 32),
    ],
)
def test_a_name_of_ours_is_made_from_theirs(theirs, ours):
    assert identities.suggest_name(theirs) == ours


@given(st.text(), st.sets(st.sampled_from(["ada", "ada-2", "person", "person-2"])))
def test_whatever_a_provider_says_the_name_is_free_and_ours(theirs, taken):
    name = identities.free_name(theirs, is_taken=taken.__contains__, protected={"chef"})

    assert name not in taken
    accounts.check_name(name, protected={"chef"})


def test_the_same_person_is_the_same_user(db):
    first = identities.ensure_user(db, "oidc https://a.example", "1", "ada", set())

    assert identities.ensure_user(db, "oidc https://a.example", "1", "countess", set()) is first


def test_equal_ids_at_two_providers_are_two_people(db):
    one = identities.ensure_user(db, "oidc https://a.example", "1", "ada", set())
    other = identities.ensure_user(db, "oidc https://b.example", "1", "ada", set())

    assert (one.name, other.name) == ("ada", "ada-2")


def test_a_user_whom_the_admin_made_is_nobodys_by_name(db):
    db.add(orm.User(name="ada"))
    db.commit()

    assert identities.ensure_user(db, "github", "1", "ada", set()).name == "ada-2"


def test_an_identity_has_one_user(db):
    ada = identities.ensure_user(db, "github", "1", "ada", set())
    bob = identities.ensure_user(db, "github", "2", "bob", set())

    identities.link(db, "github", "1", ada)
    with pytest.raises(identities.LinkError, match="ada"):
        identities.link(db, "github", "1", bob)


def test_forgetting_makes_the_next_one_a_newcomer(db):
    ada = identities.ensure_user(db, "github", "1", "ada", set())

    identities.forget(db, ada)

    assert identities.find(db, "github", "1") is None
