"""Names and passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.accounts import (
    RESERVED,
    SignUpError,
    check_name,
    check_password,
    free_name,
    normalise_name,
    plain_name,
)
from lectern.hub.logins.identities import suggest_name
from lectern.hub.people.lists import name_accounts, read_list


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing(typed):
    once = normalise_name(typed)

    assert normalise_name(once) == once


@given(st.text(max_size=300))
def test_a_taken_name_is_plain_ascii_of_3_to_32_characters(typed):
    name = normalise_name(typed)
    try:
        check_name(name, protected=set())
    except SignUpError:
        return

    assert name.isascii()
    assert 3 <= len(name) <= 32


@pytest.mark.parametrize("name", ["ada", "ada-lovelace", "mia", "mla", "x" * 32])
def test_an_ordinary_name_can_be_had(name):
    check_name(name, protected={"admin"})


@pytest.mark.parametrize(
    "name", [*sorted(RESERVED), "adm1n", "a-d-m-i-n", "r00t", "chef", "che-f", "\u0410nn"]
)
def test_a_reserved_name_and_its_look_alikes_cannot_be_had(name):
    with pytest.raises(SignUpError):
        check_name(name, protected={"chef"})


@pytest.mark.parametrize(
    ("theirs", "plain"),
    [
        ("Åse Þórðardóttir", "aase-thordardottir"),
        ("Đorđe Łukić", "dorde-lukic"),
        ("GROẞE Straße", "grosse-strasse"),
        ("ＡＤＡ ①", "ada-1"),  # noqa: RUF001
        ("  4 you ", "you"),
        ("李雷", ""),
    ],
)
def test_a_name_is_written_in_letters_a_to_z(theirs, plain):
    assert plain_name(theirs) == plain


@pytest.mark.parametrize(
    "name", ["Åse Þórðardóttir", "Đorđe Łukić", "Anna Maria Luisa de Medici von Habsburg"]
)
def test_a_list_and_another_login_name_somebody_alike(name):
    (listed,) = name_accounts(read_list(name.encode()), taken=(), protected=())

    assert suggest_name(name) == listed.account


@given(st.text(max_size=60), st.integers(min_value=1, max_value=120))
def test_a_numbered_name_is_no_longer_than_a_name_may_be(theirs, others):
    plain, taken = f"a{plain_name(theirs)}"[:32].rstrip("-"), set()
    for _ in range(others):
        taken.add(free_name(plain, is_taken=taken.__contains__))

    assert len(taken) == others
    assert max(len(name) for name in taken) <= 32


def test_a_long_name_gives_way_to_its_number():
    assert free_name("x" * 32, is_taken={"x" * 32}.__contains__) == "x" * 30 + "-2"


@pytest.mark.parametrize("password", ["", "short", "x" * 73, "ü" * 37, "password", "nul\x00inside"])
def test_a_password_that_cannot_be_used_is_refused(password):
    with pytest.raises(SignUpError):
        check_password(password, password, common={"password"})


def test_two_different_passwords_are_refused():
    with pytest.raises(SignUpError, match="differ"):
        check_password("correct-horse", "correct-house", common=set())


def test_a_password_of_72_bytes_is_taken():
    check_password("ü" * 36, "ü" * 36, common=set())
