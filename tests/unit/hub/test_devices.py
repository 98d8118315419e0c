"""A browser is known for the names that logged in on it, and for no other."""

from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.devices import Device


def test_a_browser_is_known_for_the_names_that_logged_in_on_it():
    browser = Device.read("").with_name("ada").with_name("ldap:ada")

    assert browser.knows("ada")
    assert browser.knows("ldap:ada")
    assert not browser.knows("zoe")


@given(st.lists(st.text(max_size=300), max_size=30))
def test_a_cookie_is_read_as_it_was_written_and_stays_small(names):
    browser = Device.read("")
    for name in names:
        browser = browser.with_name(name)

    assert Device.read(str(browser)) == browser
    assert len(str(browser)) < 500
    assert all(browser.knows(name) for name in names[-20:])


def test_a_name_cannot_be_read_from_a_cookie():
    assert "ada-lovelace" not in str(Device.read("").with_name("ada-lovelace"))


def test_a_browser_s_marks_are_no_other_browser_s():
    marks = Device.read("").with_name("zoe").marks

    assert not Device("another", marks).knows("zoe")
