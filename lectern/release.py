"""Release ⇄ image labels: the message from builder to hub. Pure; both sides use it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lectern import names
from lectern.errors import LecternError

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotAReleaseError(LecternError):
    """An image carries no record of a release, or one that cannot be read."""


@dataclass(frozen=True)
class Release:
    """One built and tested state of an environment, as its image's labels record it."""

    environment: str
    commit: str
    identity: str  # sha256 of the manifest: the same packages to the last one
    base: str  # the notebook image it was built from, name:tag
    recipe: str  # sha256 of the plan: the same steps and files
    kernels: tuple[str, ...]  # kernelspec names, "python3", "ir"
    languages: tuple[str, ...]  # as people say them, "Python", "R"
    built_at: datetime  # UTC
    smoke_test: str  # "passed", the only value that may be published
    ref: str = ""  # the branch or tag that was built; empty for a folder
    author: str = ""  # who asked for the build; empty for a script

    def to_labels(self) -> dict[str, str]:
        """Give the labels that record this release."""
        return {
            names.ENVIRONMENT: self.environment,
            names.COMMIT: self.commit,
            names.IDENTITY: self.identity,
            names.BASE: self.base,
            names.RECIPE: self.recipe,
            names.KERNELS: json.dumps(self.kernels),
            names.LANGUAGES: json.dumps(self.languages),
            names.BUILT_AT: self.built_at.isoformat(),
            names.SMOKE_TEST: self.smoke_test,
            names.REF: self.ref,
            names.AUTHOR: self.author,
        }


@dataclass(frozen=True)
class Publication:
    """Who made a release the one that new starts use, and when, as the published image's labels record it."""

    by: str  # empty for a script
    at: datetime  # UTC

    def to_labels(self) -> dict[str, str]:
        """Give the labels that record it, beside those of the release."""
        return {names.PUBLISHED_BY: self.by, names.PUBLISHED_AT: self.at.isoformat()}


def read_release(labels: Mapping[str, str], *, image: str) -> Release:
    """Read the release that an image's labels record.

    Parameters
    ----------
    labels : Mapping[str, str]
        The image's labels.
    image : str
        The image's name, for the error only.

    Raises
    ------
    NotAReleaseError
        A label is missing or holds something else than `Release.to_labels` writes.
    """
    try:
        return Release(
            environment=labels[names.ENVIRONMENT],
            commit=labels[names.COMMIT],
            identity=labels[names.IDENTITY],
            base=labels[names.BASE],
            recipe=labels[names.RECIPE],
            kernels=_words(labels[names.KERNELS]),
            languages=_words(labels[names.LANGUAGES]),
            built_at=_time(labels[names.BUILT_AT]),
            smoke_test=labels[names.SMOKE_TEST],
            ref=labels.get(names.REF, ""),
            author=labels.get(names.AUTHOR, ""),
        )
    except (KeyError, ValueError) as problem:
        raise NotAReleaseError(
            f"carries no readable record of a release ({problem})",
            where=image,
            hint="build the environment again: `make up`",
        ) from problem


def read_publication(labels: Mapping[str, str], *, image: str) -> Publication:
    """Read who published the release that a published image's labels record, and when.

    An image of before there was such a record was published by nobody known, when it was built.

    Raises
    ------
    NotAReleaseError
        As `read_release`, or the time of publishing cannot be read.
    """
    release = read_release(labels, image=image)
    if names.PUBLISHED_AT not in labels:
        return Publication("", release.built_at)
    try:
        return Publication(labels.get(names.PUBLISHED_BY, ""), _time(labels[names.PUBLISHED_AT]))
    except ValueError as problem:
        raise NotAReleaseError(
            f"carries no readable time of publishing ({problem})", where=image, hint="publish it again"
        ) from problem


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _words(text: str) -> tuple[str, ...]:
    words = json.loads(text)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{text!r} is no list of words")
    return tuple(words)
