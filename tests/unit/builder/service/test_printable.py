"""What others wrote, made fit for a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.service.printable import printable, printable_lines


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text):
    for line in printable_lines(text):
        assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in line)
        line.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("a\tb", "a    b"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("Grüße, 世界", "Grüße, 世界"),
    ],
)
def test_the_words_stay(text, shown):
    assert printable(text) == shown


def test_an_endless_line_is_cut():
    assert len(printable("x" * 1_000_000)) < 3000
