"""Addresses that several parts of the service lead to. Pure."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from lectern import names

#: What all of the service's own addresses begin with.
PREFIX = f"/services/{names.SERVICE}"


def preview(person: str, environment: str, release: str) -> str:
    """Give the hub's path at which an instructor tries a release that is not published.

    Parameters
    ----------
    person : str
        Whose server it will be.
    environment, release : str
        What is tried; a release by its tag or commit.
    """
    query = urlencode({"environment": environment, "release": release})
    return f"/hub/spawn/{quote(person, safe='')}/{names.PREVIEW}?{query}"
