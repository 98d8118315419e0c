"""The settings as people read them: .env.example and docs/reference/settings.md. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BeforeValidator

from lectern.login_settings import LoginSettings
from lectern.settings import MIB, PREFIX, Settings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

#: Set by `make up` or by compose.yaml, never by an operator.
INTERNAL = frozenset({"notebook_image", "builds", "notice", "secrets"})

_DERIVED = {
    "project": "from the checkout's path",
    "address": "this machine's own, with the port",
    "debian_mirror": "this machine's own, where it runs Debian",
}


def _rows() -> list[tuple[str, str, str]]:
    rows = []
    fields = Settings.model_fields
    # The ways to log in are many, and most installations need none of their settings: last.
    for name in sorted(fields, key=lambda name: name in LoginSettings.model_fields):
        field = fields[name]
        if name in INTERNAL:
            continue
        rows.append((PREFIX + name.upper(), _DERIVED.get(name) or _default(field), field.description or ""))
    return rows


def _default(field: FieldInfo) -> str:
    is_size = any(isinstance(each, BeforeValidator) for each in field.metadata)
    if not is_size:
        return str(field.default)
    megabytes = field.default // MIB
    return f"{megabytes} MB" if megabytes % 1024 else f"{megabytes // 1024} GB"


def env_example() -> str:
    """Write .env.example: every setting with its meaning, each line to be uncommented."""
    head = "# Copy to .env and change what you need. No secret belongs here: those are files in .secrets/.\n"
    return head + "".join(f"\n# {meaning}\n#{name}={default}\n" for name, default, meaning in _rows())


def markdown() -> str:
    """Write docs/reference/settings.md."""
    head = (
        "# Settings\n"
        "Written into `.env` beside the Makefile, or given in the environment of `make up`.\n"
        "This page and `.env.example` are generated: `make settings`.\n\n"
        "| setting | default | meaning |\n| --- | --- | --- |\n"
    )
    return head + "".join(f"| `{name}` | {default} | {meaning} |\n" for name, default, meaning in _rows())
