"""Names and passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.accounts import RESERVED, SignUpError, check_name, check_password, normalise_name


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


@pytest.mark.parametrize("password", ["", "short", "x" * 73, "ü" * 37, "password", "nul\x00inside"])
def test_a_password_that_cannot_be_used_is_refused(password):
    with pytest.raises(SignUpError):
        check_password(password, password, common={"password"})


def test_two_different_passwords_are_refused():
    with pytest.raises(SignUpError, match="differ"):
        check_password("correct-horse", "correct-house", common=set())


def test_a_password_of_72_bytes_is_taken():
    check_password("ü" * 36, "ü" * 36, common=set())
