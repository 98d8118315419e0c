"""Addresses that are made in one place."""

from urllib.parse import parse_qs, unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.service import addresses


def test_a_preview_is_a_second_server_of_who_tries_it():
    assert addresses.preview("ada", "stats", "a1b2") == (
        "/hub/spawn/ada/preview?environment=stats&release=a1b2"
    )


@given(st.text(min_size=1), st.text(min_size=1))
def test_whatever_somebody_is_called_the_address_is_theirs(person, release):
    read = urlsplit(addresses.preview(person, "stats", release))

    assert unquote(read.path.split("/")[3]) == person
    assert parse_qs(read.query)["release"] == [release]
