"""Settings: all that an operator can change. The only reader of the environment and of secrets.

`.env` holds settings and no secret; secrets are files of mode 600 that Compose mounts under
``/run/secrets``. Built once at each entry point and handed on; there is no module-level instance.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lectern.errors import SettingError, UnreadableError, to_translate
from lectern.login_settings import SECRETS, LoginSettings, check_required, secret_names

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "LECTERN_"
MIB, GIB = 1 << 20, 1 << 30

#: Below this JupyterLab and one kernel do not start.
MEMORY_FLOOR_BYTES = 256 * MIB

#: More than any machine has; far more would not fit into the courses' table.
MEMORY_CEILING_BYTES = 1024 << 40

#: The builder's volume; on a laptop, where the command runs without a container, the user's own cache serves.
_BUILDS = Path("/srv/builds")

_URL = r"^https?://\S+[^/\s]$"
_URL_OR_NOTHING = rf"^$|{_URL}"

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Read a size as a teacher writes it.

    Parameters
    ----------
    text : str
        Number and unit: "4 GB", "4G", "512 MiB". A unit is a power of 1024 however it is spelt,
        as Docker and JupyterHub read it and as memory is sold.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    UnreadableError
        The text is no size.
    """
    match = _MEMORY.fullmatch(text)
    if not match:
        raise UnreadableError(to_translate("write a number and a unit, such as 4 GB, 2.5G or 512 MB"))
    try:
        return int(float(match[1]) * _UNITS[match[2].lower()])
    except OverflowError:
        raise UnreadableError(to_translate("no machine has so much: write less, such as 4 GB")) from None


def parse_memory(text: str) -> int:
    """Read a memory size, as `parse_size` does.

    Returns
    -------
    int
        Bytes, from `MEMORY_FLOOR_BYTES` to `MEMORY_CEILING_BYTES`.

    Raises
    ------
    UnreadableError
        The text is no size, one too small for JupyterLab and a kernel, or one that no machine has.
    """
    size = parse_size(text)
    if size < MEMORY_FLOOR_BYTES:
        raise UnreadableError(
            to_translate("JupyterLab and one kernel need at least {least} MB"),
            least=MEMORY_FLOOR_BYTES // MIB,
        )
    if size > MEMORY_CEILING_BYTES:
        raise UnreadableError(
            to_translate("no machine has more than {most} TB: write less, such as 4 GB"),
            most=MEMORY_CEILING_BYTES >> 40,
        )
    return size


def _memory(value: object) -> object:
    return parse_memory(value) if isinstance(value, str) else value


def _size(value: object) -> object:
    return parse_size(value) if isinstance(value, str) else value


Memory = Annotated[int, BeforeValidator(_memory)]
Size = Annotated[int, BeforeValidator(_size)]


class Settings(LoginSettings, BaseSettings):
    """What an operator can set in `.env`, each as ``LECTERN_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, validate_default=True
    )

    project: str = Field(
        "lectern",
        pattern=r"^[a-z0-9][a-z0-9-]{0,40}$",
        description="Name of this installation: prefix of its containers, volumes and images. "
        "`make up` derives one from the checkout's path, so two clones never clash.",
    )
    bind: str = Field("0.0.0.0", description="Address of this machine that the proxy listens on.")  # noqa: S104
    port: int = Field(8000, ge=1, le=65535, description="Port that the proxy listens on.")
    address: str = Field(
        "http://127.0.0.1:8000",
        pattern=r"^https?://[^/\s]+$",
        description="What participants type, without a path. `make up` takes this machine's own address.",
    )
    admin: str = Field(
        "admin",
        pattern=r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$",
        description="Name of the first admin, made at install.",
    )
    environment: str = Field(
        "data-literacy",
        pattern=r"^[a-z0-9][a-z0-9-]{0,40}$",
        description="Folder under environments/ that the first course, of the same name, works in.",
    )
    participants: int = Field(
        30, ge=1, le=2000, description="How many people you expect at once: `make up` checks memory for them."
    )
    trusted_proxies: str = Field(
        "",
        pattern=r"^([0-9a-fA-F:.]+(\s*,\s*[0-9a-fA-F:.]+)*)?$",
        description="Addresses of proxies of yours before Lectern's, with commas; they tell who is asking.",
    )
    memory: Memory = Field(
        parse_memory("4 GB"), description="Memory limit of each participant: a number and a unit, 4 GB."
    )
    memory_expected: Memory = Field(
        parse_memory("256 MB"),
        description="What a participant at light work needs; a server starts when so much memory is left.",
    )
    memory_reserved: Memory = Field(
        parse_memory("512 MB"),
        description="Memory left to the machine itself: no server starts that would take of it.",
    )
    kernel_ahead: bool = Field(
        True,
        description="Start a Python kernel in each server before it is asked for: no first wait, 40 MB each.",
    )
    starts_at_once: int = Field(
        3, ge=1, le=64, description="Servers that boot side by side; further ones wait in order of arrival."
    )
    start_timeout_s: int = Field(
        120, ge=10, le=3600, description="Seconds that one server may take to boot, from its turn on."
    )
    build_memory: Memory = Field(
        parse_memory("4 GB"), description="Memory that a step of an environment's build may use."
    )
    build_timeout_s: int = Field(
        3600, ge=10, le=86400, description="Seconds that one build may take, from its turn on."
    )
    build_disk: Size = Field(
        parse_size("10 GB"), ge=100 * MIB, description="What a step of a build may write to the disk."
    )
    build_log_mb: int = Field(10, ge=1, le=1000, description="Megabytes that a build may write into its log.")
    free_disk: Size = Field(
        parse_size("5 GB"), description="No build begins with less than this free on the engine's disk."
    )
    resolver: Literal["fast", "conda"] = Field(
        "fast",
        description="How packages are chosen where a repo does not say: fast (PyPI and Debian) or conda.",
    )
    stock_buildpacks: bool = Field(
        False,
        description="Build repos with a Dockerfile or default.nix by repo2docker's own packs: their steps "
        "have no memory limit, so only where you trust all instructors with the machine.",
    )
    torch_index: str = Field(
        "https://download.pytorch.org/whl/cpu",
        pattern=_URL,
        description="Index of PyTorch's wheels for processors without a graphics card.",
    )
    python_mirror: str = Field(
        "",
        pattern=_URL_OR_NOTHING,
        description="Mirror of uv's Python builds, for environments that want another Python than Debian's.",
    )
    python_downloads: str = Field(
        "",
        pattern=_URL_OR_NOTHING,
        description="Address of a list of Python builds that takes the place of uv's own.",
    )
    cran: str = Field(
        "https://cloud.r-project.org",
        pattern=_URL,
        description="CRAN mirror for R packages that Debian lacks.",
    )
    cran_binaries: str = Field(
        "",
        pattern=_URL_OR_NOTHING,
        description="CRAN mirror with ready-made packages for Debian trixie; asked before `LECTERN_CRAN`.",
    )
    conda_channels: str = Field(
        "https://conda.anaconda.org",
        pattern=_URL,
        description="Where conda's channels lie: a channel's name is put behind it.",
    )
    julia: str = Field(
        "https://julialang-s3.julialang.org/bin",
        pattern=_URL,
        description="Where Julia itself is downloaded from.",
    )
    julia_packages: str = Field(
        "https://pkg.julialang.org",
        pattern=_URL,
        description="Julia's package server.",
    )
    base_image: str = Field(
        "debian:trixie-slim",
        min_length=1,
        description="Image of Debian 13 that all others stand on, asked of its registry by `make up`.",
    )
    debian_mirror: str = Field(
        "",
        pattern=_URL_OR_NOTHING,
        description="Debian's archive, which the base image is made from where no registry answers. "
        "`make up` takes the one of this machine's own apt.",
    )
    debian_snapshot: str = Field(
        "",
        pattern=_URL_OR_NOTHING,
        description="Archive of Debian's past states, so that a locked environment finds its old packages.",
    )
    notebook_image: str = Field(
        "lectern/notebook:unknown", description="What environments are FROM; `make up` sets it."
    )
    push_max_mb: int = Field(
        1000,
        ge=1,
        le=20_000,
        description="Most that one `git push` may bring, and the files of one commit hold, in MB.",
    )
    allow_force_push: bool = Field(
        False,
        description="Whether `git push --force` may rewrite or delete the main branch of an environment.",
    )
    environments: Path = Field(
        Path("/srv/environments"), description="Folder of the environments' git repos."
    )
    builds: Path = Field(
        default_factory=lambda: _BUILDS if _BUILDS.is_dir() else Path.home() / ".cache" / "lectern",
        description="Folder of locks and build logs.",
    )
    notice: Path = Field(
        Path("/srv/notice"), description="Folder of the privacy notice, inside the containers."
    )
    secrets: Path = Field(
        Path("/run/secrets"), description="Folder of the secret files, inside the containers."
    )

    def login_secret(self, name: str) -> str:
        """Read a secret of a way to log in; empty where none of its ways needs one.

        Raises
        ------
        SettingError
            The file is missing, unreadable or empty.
        """
        if name not in secret_names(self):
            return ""
        try:
            return self.secret(f"{SECRETS}/{name}")
        except SettingError as problem:
            raise SettingError(
                problem.what,
                where=f".secrets/{SECRETS}/{name}",
                hint=f"write the secret into that file, mode 600: {PREFIX}LOGIN={self.login} needs it",
            ) from problem

    def secret(self, name: str) -> str:
        """Read a secret file.

        Raises
        ------
        SettingError
            The file is missing, unreadable or empty.
        """
        path = self.secrets / name
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise SettingError(
                f"cannot be read ({problem.strerror})", where=str(path), hint="`make up` makes the secrets"
            ) from problem
        if not text:
            raise SettingError("is empty", where=str(path), hint="remove it: `make up` makes it anew")
        return text


def read_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - passed on to pydantic
    """Read the settings from the environment.

    Raises
    ------
    SettingError
        Names the variable, its value and what it should be.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as problem:
        first = problem.errors()[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        should_be = first["msg"].removeprefix("Value error, ")
        raise SettingError(
            should_be[0].lower() + should_be[1:],
            where=f"{variable}={first['input']!r}",
            hint="correct it in .env and run `make up` again; .env.example tells what each setting means",
        ) from problem
    check_required(settings, PREFIX)
    return settings


@contextmanager
def home(folder: Path) -> Iterator[None]:
    """Let programs that are started in the block have their home in a folder, where there is one.

    They read their `.netrc` there: tokens get neither into words of a command nor into the environment.
    """
    before = os.environ.get("HOME")
    if folder.is_dir():
        os.environ["HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("HOME", None)
        else:
            os.environ["HOME"] = before
