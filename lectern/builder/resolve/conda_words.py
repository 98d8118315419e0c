"""Refusals of PyPI's projects in the words of environment.yml: what they propose has to be written there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lectern.builder.resolve.fast import LONGER_NUMBERED
from lectern.builder.resolve.refusals import Reason, RefusedError
from lectern.builder.resolve.requirement_lines import name_of

if TYPE_CHECKING:
    from lectern.builder.resolve.fast import Wanted

_PLACE_TOO_MANY = re.compile(r"(==\d+\.\d+\.\d+)\.(?:\d+|\*)", re.ASCII)


def in_conda_words(refused: RefusedError, wanted: Wanted) -> RefusedError:
    """Give a refusal with conda's names where the file has conda's.

    Parameters
    ----------
    refused : RefusedError
        What `python_lock.lock_requirements` raised.
    wanted : Wanted
        What it was asked for.
    """
    reasons = [_with_bounds(_reworded(reason, wanted), wanted) for reason in refused.reasons]
    advice = refused.hint
    if len(refused.reasons) == 1:
        advice = advice.removesuffix(refused.reasons[0].hint).removesuffix("; or ")
    return RefusedError(reasons, advice)


def _reworded(reason: Reason, wanted: Wanted) -> Reason:
    what, hint = reason.what, reason.hint
    for project, conda in wanted.conda_names:
        written = re.compile(rf"`{re.escape(project)}(?:\[[^\]`]*\])?((?:[ =<>!~][^`]*)?)`")

        def in_the_file(found: re.Match[str], project: str = project, conda: str = conda) -> str:
            before = found.string[: found.start()]
            if before.endswith(("PyPI has no release of ", "PyPI has no package ")):
                return found[0]
            version = _PLACE_TOO_MANY.sub(r"\1", found[1]) if project in LONGER_NUMBERED else found[1]
            return f"`{conda}{version}`"

        what, hint = written.sub(in_the_file, what), written.sub(in_the_file, hint)
    return replace(reason, what=what, hint=hint)


def _with_bounds(reason: Reason, wanted: Wanted) -> Reason:
    """Name the bounds that are part of a conflict: uv tells them without their lines."""
    if not reason.what.startswith("do not go together"):
        return reason
    bounds = [
        f"{bound.where} bounds `{name_of(bound.line)}`"
        for bound in wanted.constraints
        if re.search(rf"\b{re.escape(name_of(bound.line))}[=<>!~]", reason.what)
    ]
    return replace(reason, hint="; ".join([reason.hint, *bounds]))
