"""Sign-up codes as people write them. Pure."""

from __future__ import annotations

import secrets

from lectern.hub.accounts import SignUpError

#: No letters that are taken for one another when read from a board: no I, L, O, 0, 1.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_HALF = 4


class UnknownCodeError(SignUpError):
    """Nobody made such a code: a typing error, or somebody who guesses."""


class CourseClosedError(SignUpError):
    """The code is right and lets nobody in: it ended, the course is full, not open yet or not any more."""


def new_code() -> str:
    """Make a code of 39 bits, as in ABCD-EFGH."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def normalise_code(typed: str) -> str:
    """Give the code that somebody meant: case, blanks and hyphens do not count."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())
