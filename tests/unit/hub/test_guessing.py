"""Who guesses waits, who mistypes does not: with a clock that the tests turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub import guessing
from lectern.hub.guessing import (
    ADDRESS_WAIT_MAX_S,
    NAME_TRIES,
    NAME_TRIES_EVERYWHERE,
    NAME_WAIT_MAX_S,
    Guesses,
)

SCHOOL = "192.0.2.1"
HOME = "198.51.100.7"
PEOPLE = 60


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guesses(clock):
    return Guesses(PEOPLE, clock)


def _guess_codes(guesses, clock, number):
    """Try codes as fast as one is let, and give the seconds that it takes."""
    began = clock.now_s
    for _ in range(number):
        clock.now_s += guesses.code_wait_s(SCHOOL)
        guesses.code_failed(SCHOOL)
    return clock.now_s - began


def test_sixty_people_with_typing_errors_get_in_behind_one_address(guesses):
    for person in range(PEOPLE):
        for _ in range(2):
            assert guesses.begin_login(f"ada-{person}", SCHOOL, is_known=True) == 0
        guesses.code_failed(SCHOOL)

    for person in range(PEOPLE):
        assert guesses.code_wait_s(SCHOOL) == 0
        assert guesses.begin_login(f"ada-{person}", SCHOOL, is_known=True) == 0


def test_a_script_needs_days_for_10_000_codes(guesses, clock):
    assert _guess_codes(guesses, clock, 10_000) > 2 * 86_400


def test_the_wait_for_a_name_doubles_up_to_its_limit(guesses, clock):
    for _ in range(NAME_TRIES):
        assert guesses.begin_login("ada", SCHOOL, is_known=True) == 0

    waits = []
    for _ in range(14):
        waits.append(guesses.begin_login("ada", SCHOOL, is_known=True))
        clock.now_s += waits[-1]
        assert guesses.begin_login("ada", SCHOOL, is_known=True) == 0

    assert waits == sorted(waits)
    assert waits[0] == 1
    assert NAME_WAIT_MAX_S / 2 < waits[-1] <= NAME_WAIT_MAX_S


def test_of_many_tries_at_once_only_the_free_ones_are_looked_at(guesses):
    begun = [guesses.begin_login("ada", SCHOOL, is_known=True) == 0 for _ in range(1000)]

    assert sum(begun) == NAME_TRIES


def test_a_script_at_the_same_address_keeps_no_known_name_out(guesses, clock):
    _guess_codes(guesses, clock, 1000)

    assert guesses.begin_login("nobody-has-this", SCHOOL, is_known=False) > 0
    assert guesses.begin_login("ada", SCHOOL, is_known=True) == 0


def test_a_guesser_does_not_buy_tries_with_logins_of_their_own(guesses):
    while guesses.code_wait_s(SCHOOL) == 0:
        guesses.code_failed(SCHOOL)
        guesses.begin_login("mallory", SCHOOL, is_known=True)
        guesses.login_succeeded("mallory", SCHOOL)

    assert guesses.code_wait_s(SCHOOL) > 0


def test_the_right_password_ends_the_count_of_its_name(guesses):
    for _ in range(NAME_TRIES - 1):
        guesses.begin_login("ada", SCHOOL, is_known=True)

    guesses.login_succeeded("ada", SCHOOL)

    assert [guesses.begin_login("ada", SCHOOL, is_known=True) for _ in range(NAME_TRIES)] == [0] * NAME_TRIES


def test_whoever_guesses_a_name_elsewhere_keeps_nobody_from_it(guesses, clock):
    for _ in range(3600):
        guesses.begin_login("zoe", SCHOOL, is_known=True)
        clock.now_s += 1

    assert guesses.begin_login("zoe", SCHOOL, is_known=True) > 0
    assert guesses.begin_login("zoe", HOME, is_known=True) == 0


def test_one_client_that_tries_every_name_each_second_locks_no_class_out_elsewhere(guesses, clock):
    for _ in range(600):
        for person in range(PEOPLE):
            guesses.begin_login(f"p{person}", SCHOOL, is_known=True)
        clock.now_s += 1

    assert [guesses.begin_login(f"p{person}", HOME, is_known=True) for person in range(PEOPLE)] == [
        0
    ] * PEOPLE


def test_a_browser_that_logged_in_before_is_slowed_by_nobody_else(guesses, clock):
    for _ in range(600):
        guesses.begin_login("zoe", SCHOOL, is_known=True)
        guesses.code_failed(SCHOOL)
        clock.now_s += 1

    assert guesses.begin_login("zoe", SCHOOL, is_known=True) > 0
    assert guesses.begin_login("zoe", SCHOOL, is_known=True, device="zoe-s") == 0
    # Nor by its owner's own typing errors.
    assert guesses.begin_login("zoe", SCHOOL, is_known=True, device="zoe-s") == 0


def test_a_browser_that_logged_in_before_has_a_count_of_its_own(guesses):
    begun = [guesses.begin_login("zoe", SCHOOL, is_known=True, device="zoe-s") == 0 for _ in range(1000)]

    assert sum(begun) == NAME_TRIES


def _guess_from_everywhere(guesses, tries):
    return sum(guesses.begin_login("zoe", f"10.0.0.{n}", is_known=True) == 0 for n in range(tries))


def test_a_guesser_at_many_addresses_has_to_wait_too(guesses):
    assert _guess_from_everywhere(guesses, 250) == NAME_TRIES_EVERYWHERE
    assert guesses.begin_login("zoe", HOME, is_known=True, device="zoe-s") == 0


def test_a_right_password_excuses_its_own_mistakes_and_not_a_guesser_s(guesses):
    _guess_from_everywhere(guesses, NAME_TRIES_EVERYWHERE - 3)
    for _ in range(2):
        guesses.begin_login("zoe", HOME, is_known=True)

    guesses.login_succeeded("zoe", HOME)

    assert sum(guesses.begin_login("zoe", f"10.0.1.{n}", is_known=True) == 0 for n in range(99)) == 3


def test_an_address_over_its_budget_waits_for_names_that_failed_there(guesses, clock):
    guesses.begin_login("ada", SCHOOL, is_known=True)
    _guess_codes(guesses, clock, 250)

    assert guesses.begin_login("grace", SCHOOL, is_known=True) == 0
    assert guesses.begin_login("grace", SCHOOL, is_known=True) > 0
    assert guesses.begin_login("grace", HOME, is_known=True) == 0


def test_an_address_pays_for_what_it_tries_after_a_names_free_tries(clock):
    small = Guesses(1, clock)
    for _ in range(60):
        for person in range(20):
            clock.now_s += 0.1
            small.begin_login(f"p{person}", SCHOOL, is_known=True)

    assert small.code_wait_s(SCHOOL) > 0


def test_the_addresses_of_one_ipv6_network_count_as_one(guesses):
    begun = [
        guesses.begin_login("zoe", f"2001:db8:0:1::{n:x}", is_known=True) == 0 for n in range(NAME_TRIES + 1)
    ]
    while guesses.code_wait_s("2001:db8:0:1::1") == 0:
        guesses.code_failed("2001:db8:0:1::1")

    assert begun == [True] * NAME_TRIES + [False]
    assert guesses.code_wait_s("2001:db8:0:1::2") > 0
    assert guesses.code_wait_s("2001:db8:0:2::1") == 0
    assert guesses.begin_login("zoe", "2001:db8:0:2::1", is_known=True) == 0


@pytest.mark.parametrize(
    ("is_known", "is_elsewhere", "device"),
    [(True, False, ""), (True, False, "zoe-s"), (False, True, ""), (False, False, "")],
)
def test_a_try_that_nobody_looked_at_costs_nothing(guesses, clock, is_known, is_elsewhere, device):
    kind = {"is_known": is_known, "is_elsewhere": is_elsewhere, "device": device}
    for _ in range(1000):
        assert guesses.begin_login("zoe", SCHOOL, **kind) == 0
        clock.now_s += 0.1
        guesses.take_back("zoe", SCHOOL, **kind)

    assert guesses.code_wait_s(SCHOOL) == 0
    assert guesses.begin_login("zoe", SCHOOL, **kind) == 0


def test_what_was_looked_at_still_counts_when_another_try_is_taken_back(guesses, clock):
    for _ in range(NAME_TRIES - 1):
        guesses.begin_login("zoe", SCHOOL, is_known=True)
    for _ in range(5):
        assert guesses.begin_login("zoe", SCHOOL, is_known=True) == 0
        guesses.take_back("zoe", SCHOOL, is_known=True)

    assert guesses.begin_login("zoe", SCHOOL, is_known=True) == 0
    assert guesses.begin_login("zoe", SCHOOL, is_known=True) > 0
    clock.now_s += 10
    assert guesses.begin_login("zoe", SCHOOL, is_known=True) == 0
    guesses.take_back("zoe", SCHOOL, is_known=True)
    assert guesses.begin_login("zoe", SCHOOL, is_known=True) == 0
    assert guesses.begin_login("zoe", SCHOOL, is_known=True) > 0


@pytest.mark.parametrize("address", ["::1", "fe80::1%eth0", "::ffff:192.0.2.1", "192.0.2.1", "a name", ""])
def test_any_address_can_be_counted(guesses, address):
    guesses.code_failed(address)

    assert guesses.code_wait_s(address) == 0


def test_memory_is_bounded(guesses, monkeypatch):
    monkeypatch.setattr(guessing, "REMEMBERED", 50)

    for number in range(500):
        guesses.begin_login(f"name-{number}", f"address-{number}", is_known=True)

    assert len(guesses) == 50 + 50 + 50


@given(st.lists(st.sampled_from(["fail", "wait", "succeed"]), max_size=60))
def test_nobody_waits_longer_than_the_limit(steps):
    clock = Clock()
    guesses = Guesses(1, clock)
    for step in steps:
        match step:
            case "fail":
                wait_s = guesses.begin_login("ada", SCHOOL, is_known=True)
                guesses.code_failed(SCHOOL)
                assert 0 <= wait_s <= NAME_WAIT_MAX_S
            case "wait":
                clock.now_s += 7
            case "succeed":
                guesses.login_succeeded("ada", SCHOOL)
        assert 0 <= guesses.code_wait_s(SCHOOL) <= ADDRESS_WAIT_MAX_S
