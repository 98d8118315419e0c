"""Why conda's solver or a channel said no, as a person who wrote environment.yml can use it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple

from rattler.exceptions import GatewayError

from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rattler import Channel, Gateway, MatchSpec, RepoDataRecord

    from lectern.builder.resolve.conda import Asked

_SHOWN_VERSIONS = 5
_SHOWN_LINES = 20

#: The solver's phrases and ours; its tree stays as it is.
_SHORTER = (
    (r"^Cannot solve the request because of: ", ""),
    (r"^The following packages are incompatible\n", ""),
    (r"cannot be installed because there are no viable options:", "cannot be had:"),
    (r"can be installed with any of the following options:", "can be had as:"),
    (r"which can be installed with any of the following options:", "which is:"),
    (r", which cannot be installed because there are no viable options:", ", which cannot be had:"),
    (r", for which no candidates were found", ", which no channel has beside the rest"),
    (r"which conflicts with the versions reported above", "which conflicts with the above"),
    (r" \*(?= |$)", ""),
)


class NoSolution(NamedTuple):
    """A solve that failed, and what it was about."""

    reason: str
    wanted: dict[Asked, MatchSpec]
    sources: Sequence[Channel]
    platform: str


async def refuse_channel(reason: str, sources: Sequence[Channel], gateway: Gateway) -> ResolveError:
    """Say which channel is unknown, or does not answer as one.

    Parameters
    ----------
    reason : str
        What the gateway said.
    sources : Sequence[Channel]
        The channels that were read.
    gateway : Gateway
        Asked again where the reason names no channel.
    """
    unknown = re.search(r"could not find subdir '[^']*' in channel '([^']*)'", reason)
    if unknown:
        return ResolveError(
            "there is no such channel",
            where=f"channel {_short(unknown[1])}",
            hint="see how it is spelt under `channels:`; LECTERN_CONDA_CHANNELS says where channels lie",
        )
    named = ", ".join([_short(source.base_url) for source in await _silent(sources, gateway)])
    return ResolveError(
        f"does not answer as a channel does ({reason.strip().splitlines()[-1].removeprefix('Caused by: ')})",
        where=f"channel {named}",
        hint="see that this machine is online; LECTERN_CONDA_CHANNELS names another mirror",
    )


async def _silent(sources: Sequence[Channel], gateway: Gateway) -> Sequence[Channel]:
    if len(sources) == 1:
        return sources
    for source in sources:
        try:
            await gateway.names([source], ["noarch"])
        except GatewayError:
            return [source]
    return sources


async def refuse_specs(found: NoSolution, gateway: Gateway) -> ResolveError:
    """Say which specs cannot be had, all at once, and what would help.

    Parameters
    ----------
    found : NoSolution
        The failed solve.
    gateway : Gateway
        Knows what the channels have.
    """
    platforms = [found.platform, "noarch"]
    offered: dict[str, list[RepoDataRecord]] = {}
    names = sorted({str(spec.name.normalized) for spec in found.wanted.values()})
    for records in await gateway.query(found.sources, platforms, names, recursive=False):  # type: ignore[arg-type]
        for record in records:
            offered.setdefault(record.name.normalized, []).append(record)
    channels = ", ".join(_short(source.base_url) for source in found.sources)

    facts: list[tuple[Asked, str, str]] = []
    for item, spec in found.wanted.items():
        records = offered.get(str(spec.name.normalized), [])
        if not records:
            known = await gateway.names(found.sources, platforms)  # type: ignore[arg-type]
            near = difflib.get_close_matches(
                str(spec.name.normalized), [name.normalized for name in known], n=1, cutoff=0.75
            )
            hint = (
                f"did you mean `{near[0]}`?" if near else "another channel may have it: add it to `channels:`"
            )
            facts.append((item, f"no package `{spec.name.normalized}` in {channels}", hint))
        elif not any(spec.matches(record) for record in records):
            newest = sorted({record.version for record in records}, reverse=True)[:_SHOWN_VERSIONS]
            there = ", ".join(map(str, newest))
            facts.append((item, f"no `{item.spec}` in {channels}", f"the newest there: {there}"))
    if len(facts) == 1:
        item, what, hint = facts[0]
        return ResolveError(what, where=item.where, hint=hint)
    if facts:
        listed = "\n".join(f"  {item.where}: {what}; {hint}" for item, what, hint in facts)
        return ResolveError(
            f"{len(facts)} packages cannot be had\n{listed}",
            where=", ".join(sorted({item.where.partition(":")[0] for item, _, _ in facts})),
            hint="correct these lines",
        )
    return _conflict(found)


def _conflict(found: NoSolution) -> ResolveError:
    concerned = [
        item
        for item, spec in found.wanted.items()
        if re.search(rf"(?<![\w.-]){re.escape(str(spec.name.normalized))}(?![\w-])", found.reason)
    ]
    named = "\n".join(f"  {item.where}: `{item.spec}`" for item in concerned)
    return ResolveError(
        f"no set of packages fits\n{named}\n{condense(found.reason)}".replace("\n\n", "\n"),
        where=concerned[0].where if len(concerned) == 1 else "conda",
        hint="loosen or leave out one of the lines named above",
    )


def condense(reason: str) -> str:
    """Shorten the solver's tree of reasons to what a teacher reads."""
    text = reason.strip()
    for pattern, shorter in _SHORTER:
        text = re.sub(pattern, shorter, text, flags=re.MULTILINE)
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    more = len(lines) - _SHOWN_LINES
    return "\n".join([*lines[:_SHOWN_LINES], *([f"… and {more} lines more"] if more > 0 else [])])


def _short(address: str) -> str:
    return address.removeprefix("https://conda.anaconda.org/").rstrip("/")
