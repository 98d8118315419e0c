"""Server extensions of the environment: which there are, and what is said when one is broken."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

ENVIRONMENT = Path("/opt/env")
#: What a terminal shows when it opens (/etc/profile.d/lectern.sh).
NOTICES = Path("/tmp/workspace-notices")  # noqa: S108 - the participant's own container
#: Those that the server has itself in other form, or never runs.
_NOT_TAKEN = {"jupyter_lsp", "jupyterlab", "nbclassic", "notebook", "notebook_shim"}


def declared(environment: Path = ENVIRONMENT) -> list[str]:
    """Give the server extensions that an environment's packages enable, when the server can run them.

    Parameters
    ----------
    environment : Path
        The environment's prefix. Its Python must be the server's minor version: compiled modules need that.
    """
    if not _packages(environment).is_dir():
        return []
    import json

    names = set()
    for file in (environment / "etc/jupyter/jupyter_server_config.d").glob("*.json"):
        try:
            enabled = json.loads(file.read_text())["ServerApp"]["jpserver_extensions"]
            names |= {name for name, is_enabled in enabled.items() if is_enabled}
        except (ValueError, KeyError, TypeError, AttributeError):
            notice(f"{file} is not a server extension's settings")
    own = {file.stem for file in Path(sys.prefix, "etc/jupyter/jupyter_server_config.d").glob("*.json")}
    return sorted(names - _NOT_TAKEN - own)


def _packages(environment: Path) -> Path:
    return environment / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def take(environment: Path = ENVIRONMENT) -> None:
    """Put the environment's packages behind the server's own, and its settings on the path."""
    sys.path.append(str(_packages(environment)))
    os.environ["JUPYTER_CONFIG_PATH"] = str(environment / "etc/jupyter")


def notice(words: str) -> None:
    """Say something to the participant: in the server's log and in each new terminal."""
    print(f"workspace: {words}", file=sys.stderr, flush=True)  # noqa: T201 - no logger before the server's
    with NOTICES.open("a") as file:
        file.write(f"{words}\n")


class BrokenExtensions(logging.Handler):
    """Hears the server say that an extension failed, and passes it on to the participant."""

    def emit(self, record: logging.LogRecord) -> None:
        """Take the records of the server's extension manager."""
        if record.exc_info and record.args and str(record.msg).startswith("%s | "):
            name, reason = record.args[0], record.exc_info[1]
            notice(f"the extension {name} is broken and was left out: {type(reason).__name__}: {reason}")
