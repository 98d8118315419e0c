"""The conda resolver: match specs → a lock, by conda's own kind of solver. Installs nothing."""

from __future__ import annotations

import asyncio
import re
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from rattler import (
    Channel,
    ChannelConfig,
    Client,
    Gateway,
    LockChannel,
    LockFile,
    LockPlatform,
    MatchSpec,
    PackageName,
    SourceConfig,
    Version,
    solve,
)
from rattler.exceptions import GatewayError, InvalidMatchSpecError, SolverError
from rattler.networking import MirrorMiddleware, RetryMiddleware
from rattler.package import BuildString
from rattler.virtual_package import GenericVirtualPackage

from lectern.builder.resolve.conda_refusals import NoSolution, refuse_channel, refuse_specs
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from rattler import RepoDataRecord

#: Where channels lie as a lock says it, whichever mirror they were read from.
OFFICIAL = "https://conda.anaconda.org"

#: Read where a repo names no channel: the one that conda's own documentation of free channels leads to.
DEFAULT_CHANNEL = "conda-forge"

_PLATFORMS = {"x86_64": "linux-64", "amd64": "linux-64", "aarch64": "linux-aarch64", "arm64": "linux-aarch64"}

# What the notebook image is (Debian trixie), never what the builder happens to run on: a lock is for all
# machines of its architecture. The kernel is the participants' host's, so an old one is assumed, and the
# processor the plainest of its kind.
_GLIBC = "2.41"
_LINUX = "4.18"
_PROCESSORS = {"linux-64": "x86_64", "linux-aarch64": "aarch64"}

# What conda means by `defaults` on Linux, as far as it is served beside the other channels.
_DEFAULTS = ("main", "r")
_DEFAULTS_ADDRESS = f"{OFFICIAL}/defaults/"  # what `defaults::numpy` is parsed to
_SHORTHANDS = {"defaults": _DEFAULTS, _DEFAULTS_ADDRESS: _DEFAULTS, "nodefaults": ()}

_CHANNEL = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*|https?://[^\s/@]+(?:/[\w.~-]+)*/?", re.ASCII)
_TOKEN = re.compile(r"/t/[^/]+")
_RETRIES = 2
_TIMEOUT_S = 600


@dataclass(frozen=True)
class Asked:
    """One match spec and where it was written."""

    spec: str  # "numpy =1.26", as `match_spec` writes it
    where: str  # "environment.yml:7"


@dataclass(frozen=True)
class Question:
    """What is to be chosen, and from where.

    Attributes
    ----------
    asked : Sequence[Asked]
        The declaration's conda part.
    channels : Sequence[str]
        Names or addresses, the first counts most: a package is taken from the first channel that has it.
    mirror : str
        Where channels are read from, without a slash at the end; `OFFICIAL` stays what the lock says.
    platform : str
        As `conda_platform` names it.
    cache : Path | None
        Folder of the channels' indexes.
    with_python : bool
        Python is needed whatever was asked: a ``pip:`` part stands on it.
    newest : date | None
        Packages that came later do not exist.
    """

    asked: Sequence[Asked]
    channels: Sequence[str]
    mirror: str
    platform: str
    cache: Path | None
    with_python: bool = False
    newest: date | None = None


@dataclass(frozen=True)
class CondaLock:
    """What the solver chose."""

    text: str  # rattler's lock file: addresses and hashes
    python: str  # its version, "" when there is none
    packages: tuple[str, ...]  # "numpy=2.0.0=py313h1", sorted
    python_packages: tuple[str, ...]  # "numpy==2.0.0": those that need Python, by conda's names, sorted
    kernels: tuple[str, ...]  # "python", "r"


_PYTHON_KERNEL = (Asked("python", "for the Python kernel"), Asked("ipykernel", "for the Python kernel"))
_R_KERNEL = (Asked("r-irkernel", "for the R kernel"),)


def conda_platform(machine: str) -> str:
    """Name an architecture as conda does.

    Parameters
    ----------
    machine : str
        As `platform.machine()` says it.

    Raises
    ------
    ResolveError
        Conda's channels have nothing for it.
    """
    try:
        return _PLATFORMS[machine.lower()]
    except KeyError:
        raise ResolveError(
            f"the conda resolver knows no `{machine}`",
            where="this machine",
            hint="leave `resolver: conda` out: the fast resolver may serve",
        ) from None


def match_spec(name: str, *, version: str = "", build: str = "", channel: str = "") -> str:
    """Write the parts of an entry of environment.yml as one match spec.

    With a build string a single `=` means this very version, as conda reads `numpy=1.26.4=py312h1`.
    """
    prefix = f"{channel}::" if channel else ""
    return f"{prefix}{name} {version or ('*' if build else '')} {build}".strip()


def lock_conda(question: Question) -> CondaLock:
    """Choose packages as `solve_conda` does, for callers outside of an event loop.

    In a process of its own: py-rattler's threads now and then outlive their interpreter, and the command
    would end with a segmentation fault; and an index of a whole channel leaves the memory with it.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_solve_alone, question).result()


def _solve_alone(question: Question) -> CondaLock:
    return asyncio.run(solve_conda(question))


async def solve_conda(question: Question) -> CondaLock:
    """Choose packages for what was asked, and for the kernels of the languages among them.

    Raises
    ------
    ResolveError
        A spec or channel that is none, a channel that is unknown or does not answer, no set that fits.
    """
    platform = question.platform
    wanted = {
        item: _parse(item) for item in sorted(set(question.asked), key=lambda item: (item.spec, item.where))
    }
    sources = _channels(question.channels, _own_channels(wanted.values()))
    names = {_name(spec) for spec in wanted.values()}
    has_r = any(name in {"r", "r-base"} or name.startswith(("r-", "bioconductor-")) for name in names)
    kernels: tuple[Asked, ...] = _R_KERNEL if has_r else ()
    if question.with_python or "python" in names or not has_r:
        kernels += _PYTHON_KERNEL
    gateway = Gateway(
        cache_dir=question.cache,
        client=Client(
            [MirrorMiddleware({f"{OFFICIAL}/": [f"{question.mirror}/"]}), RetryMiddleware(_RETRIES)],
            timeout=_TIMEOUT_S,
        ),
        # With sharded indexes the second solve fails behind a mirror: "unexpected status code (304)".
        default_config=SourceConfig(sharded_enabled=False),
        show_progress=False,
    )

    async def choose(added: tuple[Asked, ...]) -> list[RepoDataRecord]:
        wanted.update({item: MatchSpec(item.spec) for item in added if item.spec not in names})
        return await solve(
            sources,
            list(wanted.values()),
            gateway=gateway,
            platforms=[platform, "noarch"],  # type: ignore[list-item] # a str of ours, a Literal there
            virtual_packages=_notebook_image(platform),
            exclude_newer=datetime.combine(question.newest, time(), UTC) if question.newest else None,
        )

    try:
        for item, spec in wanted.items():
            if spec.channel and spec.channel.base_url == _DEFAULTS_ADDRESS:
                wanted[item] = await _in_defaults(item, spec, gateway, platform)
        records = await choose(kernels)
        if not set(_PYTHON_KERNEL) <= set(kernels) and _need_python(records, among=names):
            records = await choose(_PYTHON_KERNEL)
    except GatewayError as problem:
        raise await refuse_channel(str(problem), sources, gateway) from problem
    except SolverError as problem:
        found = NoSolution(str(problem), wanted, sources, platform)
        raise await refuse_specs(found, gateway) from problem
    return _lock(records, sources, platform)


def _parse(item: Asked) -> MatchSpec:
    try:
        spec = MatchSpec(item.spec)
    except InvalidMatchSpecError as problem:
        reason = str(problem).splitlines()[0]
        raise ResolveError(
            f"`{item.spec}` is no match spec ({reason})", where=item.where, hint="write `- numpy=2.1`"
        ) from problem
    if "url=" in str(spec):
        # A file from anywhere has no place in an index, so it would be neither mirrored nor solved.
        raise ResolveError(
            f"`{item.spec}` is an address", where=item.where, hint="name the package, and its channel"
        )
    return spec


def _name(spec: MatchSpec) -> str:
    return str(spec.name.normalized)


def _own_channels(specs: Iterable[MatchSpec]) -> list[str]:
    return [spec.channel.base_url for spec in specs if spec.channel]


def _channels(names: Sequence[str], own: Sequence[str] = ()) -> list[Channel]:
    """Give the channels of a repo, or the one of those that name none, and then packages' own."""
    plain = [*(_plain(names) or [DEFAULT_CHANNEL]), *_plain(own)]
    for name in plain:
        if not _CHANNEL.fullmatch(name) or _TOKEN.search(name):
            raise ResolveError(
                f"`{name}` is no channel that can be used",
                where="channels",
                hint="write a name, such as `conda-forge`, or an address without a password or token",
            )
    config = ChannelConfig(f"{OFFICIAL}/")
    found = {channel.base_url: channel for channel in (Channel(name, config) for name in plain)}
    return list(found.values())


async def _in_defaults(item: Asked, spec: MatchSpec, gateway: Gateway, platform: str) -> MatchSpec:
    """Name the channel of `defaults` that has a package: a spec can only name one."""
    for channel in _DEFAULTS:
        found = await gateway.query(
            _channels([channel]),
            [platform, "noarch"],  # type: ignore[list-item] # a str of ours, a Literal there
            [_name(spec)],
            recursive=False,
        )
        if any(found):
            return MatchSpec(re.sub(r"^defaults\b", channel, item.spec))
    return spec


def _plain(names: Iterable[str]) -> list[str]:
    return [plain for name in names for plain in _SHORTHANDS.get(name, (name,))]


def _notebook_image(platform: str) -> list[GenericVirtualPackage]:
    parts = {
        "__unix": ("0", "0"),
        "__linux": (_LINUX, "0"),
        "__glibc": (_GLIBC, "0"),
        "__archspec": ("1", _PROCESSORS[platform]),
    }
    return [
        GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))
        for name, (version, build) in parts.items()
    ]


def _needs_python(record: RepoDataRecord) -> bool:
    return any(re.match(r"python(?![\w.-])", dependency) for dependency in record.depends)


def _need_python(records: Iterable[RepoDataRecord], *, among: set[str]) -> bool:
    return any(_needs_python(record) for record in records if record.name.normalized in among)


def _text(lock: LockFile) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conda.lock"
        lock.to_path(path)
        return path.read_text(encoding="utf-8")


def _lock(records: list[RepoDataRecord], sources: list[Channel], platform: str) -> CondaLock:
    by_name = {record.name.normalized: record for record in records}
    lock_platform = LockPlatform(platform)
    lock = LockFile([lock_platform])
    lock.set_channels("default", [LockChannel(source.base_url) for source in sources])
    for name in sorted(by_name):
        lock.add_conda_package("default", lock_platform, by_name[name])
    python = by_name.get("python")
    kernels = {"ipykernel": "python", "r-irkernel": "r"}
    return CondaLock(
        text=_text(lock),
        python=str(python.version) if python else "",
        packages=tuple(f"{name}={record.version}={record.build}" for name, record in sorted(by_name.items())),
        python_packages=tuple(
            f"{name}=={record.version}" for name, record in sorted(by_name.items()) if _needs_python(record)
        ),
        kernels=tuple(language for package, language in kernels.items() if package in by_name),
    )
