"""Rules for names and passwords. Pure: what is free and who exists is asked elsewhere."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from lectern.errors import LecternError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: Names that people take for the system's own, or that tools give to it.
RESERVED = frozenset(
    {
        *("admin", "administrator", "owner", "root", "staff", "support", "sysadmin", "webmaster"),
        *("hub", "jovyan", "jupyter", "jupyterhub", "lectern", "postgres", "proxy", "shared", "system"),
        *("helper", "instructor", "moderator", "nobody", "teacher"),
    }
)

#: Called so when a name leaves nothing that could be an account's.
NAMELESS = "person"

NAME_MIN, NAME_MAX = 3, 32
_NAME = re.compile(rf"[a-z][a-z0-9-]{{{NAME_MIN - 2},{NAME_MAX - 2}}}[a-z0-9]")

# Letters that Unicode's decomposition leaves whole or bare, as people write them in ASCII.
_SPELT_OUT = str.maketrans(
    dict(zip("äöüåæøœłđðþ", ("ae", "oe", "ue", "aa", "ae", "oe", "oe", "l", "d", "d", "th"), strict=True))
)
_LOOK_ALIKES = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": ""})

PASSWORD_MIN_BYTES = 8
PASSWORD_MAX_BYTES = 72  # bcrypt reads no more


class SignUpError(LecternError):
    """A sign-up cannot be taken; `what` is a sentence for the person who typed, marked for translation."""


def normalise_name(typed: str) -> str:
    """Give the name that somebody meant: compatibility forms, case and outer blanks do not count."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def plain_name(theirs: str) -> str:
    """Write a name in letters that an account may have, at most as many; it may be too short."""
    spelt = unicodedata.normalize("NFKC", theirs).casefold().translate(_SPELT_OUT)
    letters = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return plain.lstrip("0123456789-")[:NAME_MAX].rstrip("-")


def free_name(plain: str, *, is_taken: Callable[[str], bool]) -> str:
    """Give a name that nobody has: this one, or with the first free number behind it."""
    number, name = 1, plain
    while is_taken(name):
        number += 1
        name = f"{plain[: NAME_MAX - 1 - len(str(number))].rstrip('-')}-{number}"
    return name


def skeleton(name: str) -> str:
    """Give what a name looks like, so that `adm1n` and `admin` are the same."""
    return name.translate(_LOOK_ALIKES).replace("rn", "m").replace("vv", "w")


def check_name(name: str, *, protected: Collection[str]) -> None:
    """Say whether a normalised name can be an account's.

    Parameters
    ----------
    name : str
        As `normalise_name` gives it.
    protected : Collection[str]
        Further names that nobody may look like: the admins'.

    Raises
    ------
    SignUpError
        The name has other characters than allowed, or is reserved or looks like such a name.
    """
    if not _NAME.fullmatch(name):
        raise SignUpError(
            to_translate(
                "Please choose a name of 3 to 32 characters: letters a to z, digits and hyphens, "
                "beginning with a letter."
            )
        )
    if skeleton(name) in {skeleton(reserved) for reserved in RESERVED | set(protected)}:
        raise SignUpError(to_translate("The name “{name}” is reserved. Please choose another."), name=name)


def check_password(password: str, confirmation: str, *, common: Collection[str]) -> None:
    """Say whether a password can be used.

    Raises
    ------
    SignUpError
        It is empty, too short, too long for bcrypt, common, or typed differently the second time.
    """
    size = len(password.encode("utf-8", "surrogatepass"))
    if not password:
        raise SignUpError(to_translate("Please choose a password."))
    if size < PASSWORD_MIN_BYTES:
        raise SignUpError(
            to_translate("Please choose a longer password: at least {least} characters."),
            least=PASSWORD_MIN_BYTES,
        )
    if size > PASSWORD_MAX_BYTES:
        raise SignUpError(
            to_translate(
                "Please choose a shorter password: at most {most} characters "
                "(fewer when they are not plain letters)."
            ),
            most=PASSWORD_MAX_BYTES,
        )
    if "\x00" in password:
        raise SignUpError(
            to_translate("The password holds a character that cannot be typed. Please choose another.")
        )
    if password.lower() in common:
        raise SignUpError(
            to_translate("This password is among those that are guessed first. Please choose another.")
        )
    if password != confirmation:
        raise SignUpError(to_translate("The two passwords differ. Please type them again."))
