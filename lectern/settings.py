"""Settings: all that an operator can change. The only reader of the environment and of secrets.

`.env` holds settings and no secret; secrets are files of mode 600 that Compose mounts under
``/run/secrets``. Built once at each entry point and handed on; there is no module-level instance.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lectern.errors import SettingError

PREFIX = "LECTERN_"
MIB = 1 << 20

#: Below this JupyterLab and one kernel do not start.
MEMORY_FLOOR_BYTES = 256 * MIB

#: The builder's volume; on a laptop, where the command runs without a container, the user's own cache serves.
_BUILDS = Path("/srv/builds")

_URL = r"^https?://\S+[^/\s]$"
_URL_OR_NOTHING = rf"^$|{_URL}"

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", re.IGNORECASE)


def parse_memory(text: str) -> int:
    """Read a memory size as a teacher writes it.

    Parameters
    ----------
    text : str
        Number and unit: "4 GB", "4G", "512 MiB". A unit is a power of 1024 however it is spelt,
        as Docker and JupyterHub read it and as memory is sold.

    Returns
    -------
    int
        Bytes, at least `MEMORY_FLOOR_BYTES`.

    Raises
    ------
    ValueError
        The text is no size, or one too small for JupyterLab and a kernel.
    """
    match = _MEMORY.fullmatch(text)
    if not match:
        raise ValueError("write a number and a unit, such as 4 GB, 2.5G or 512 MB")
    size = int(float(match[1]) * _UNITS[match[2].lower()])
    if size < MEMORY_FLOOR_BYTES:
        raise ValueError(f"JupyterLab and one kernel need at least {MEMORY_FLOOR_BYTES // MIB} MB")
    return size


def _memory(value: object) -> object:
    return parse_memory(value) if isinstance(value, str) else value


Memory = Annotated[int, BeforeValidator(_memory)]


class Settings(BaseSettings):
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
    resolver: Literal["fast", "conda"] = Field(
        "fast",
        description="How packages are chosen where a repo does not say: fast (PyPI and Debian) or conda.",
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
    debian_snapshot: str = Field(
        "",
        pattern=_URL_OR_NOTHING,
        description="Archive of Debian's past states, so that a locked environment finds its old packages.",
    )
    notebook_image: str = Field(
        "lectern/notebook:unknown", description="What environments are FROM; `make up` sets it."
    )
    builds: Path = Field(
        default_factory=lambda: _BUILDS if _BUILDS.is_dir() else Path.home() / ".cache" / "lectern",
        description="Folder of locks and build logs.",
    )
    secrets: Path = Field(
        Path("/run/secrets"), description="Folder of the secret files, inside the containers."
    )

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
        return Settings(**overrides)
    except ValidationError as problem:
        first = problem.errors()[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        should_be = first["msg"].removeprefix("Value error, ")
        raise SettingError(
            should_be[0].lower() + should_be[1:],
            where=f"{variable}={first['input']!r}",
            hint="correct it in .env and run `make up` again; .env.example tells what each setting means",
        ) from problem
