"""Which release somebody means, and which one came before the published. Pure.

Releases of one commit can differ: it was built again with newer packages. A release's tag is its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lectern.builder.releases import ReleaseHere

#: As git does not shorten hashes further either.
_SHORTEST = 4


def of_tag(here: Sequence[ReleaseHere], tag: str) -> ReleaseHere | None:
    """Find the one release that has a tag."""
    return next((one for one in here if one.tag == tag), None)


def meant(here: Sequence[ReleaseHere], text: str) -> ReleaseHere | None:
    """Find the release that a person names.

    Parameters
    ----------
    here : Sequence[ReleaseHere]
        An environment's releases, by time of build.
    text : str
        A tag, or how an identity or a commit begins; of several the newest is meant.
    """
    if (exact := of_tag(here, text)) is not None:
        return exact
    if len(text) < _SHORTEST:
        return None
    return next(
        (
            one
            for one in reversed(here)
            if one.release.commit.startswith(text) or one.release.identity.startswith(text)
        ),
        None,
    )


def built(here: Sequence[ReleaseHere], commit: str, identity: str) -> ReleaseHere | None:
    """Find what a build has made: content alone leaves an identity, newer packages leave a commit."""
    return next(
        (one for one in reversed(here) if (one.release.commit, one.release.identity) == (commit, identity)),
        None,
    )


def one_before(here: Sequence[ReleaseHere], commits: Collection[str]) -> ReleaseHere | None:
    """Find the release to go back to: the newest that is older than the published one.

    Parameters
    ----------
    here : Sequence[ReleaseHere]
        An environment's releases, by time of build.
    commits : Collection[str]
        Those of the main branch; previews of others are nothing to go back to.
    """
    published = next((one for one in here if one.is_published), None)
    if published is None:
        return None
    return next(
        (
            one
            for one in reversed(here)
            if one.release.commit in commits and one.release.built_at < published.release.built_at
        ),
        None,
    )
