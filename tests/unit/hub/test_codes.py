"""Codes as people write them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.codes import new_code, normalise_code


def test_a_code_has_eight_letters_without_look_alikes():
    made = {new_code() for _ in range(300)}

    assert len(made) == 300
    assert all(re.fullmatch(r"[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}", code) for code in made)


@given(st.lists(st.sampled_from(" -\t\n"), min_size=9, max_size=9), st.data())
def test_case_blanks_and_hyphens_do_not_count(blanks, data):
    code = new_code()
    letters = [data.draw(st.sampled_from([c.lower(), c.upper()])) for c in code.replace("-", "")]

    typed = "".join(blank + letter for blank, letter in zip(blanks, [*letters, ""], strict=True))

    assert normalise_code(typed) == normalise_code(code)


@given(st.text())
def test_normalising_twice_is_normalising_once(typed):
    assert normalise_code(normalise_code(typed)) == normalise_code(typed)
