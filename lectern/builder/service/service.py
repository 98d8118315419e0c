"""What the builder's service has in its hands; handlers of git, pages and the command get this object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.service.actions import Actions
from lectern.builder.service.builds import Builds
from lectern.builder.service.git import Git
from lectern.builder.service.hub_api import HubAPI
from lectern.builder.service.local_socket import SOCKET
from lectern.builder.service.mirrors import Mirrors, own_networks
from lectern.builder.service.pushes import Pushes
from lectern.builder.service.repos import Repos

if TYPE_CHECKING:
    from lectern.builder.service.builds import Request
    from lectern.settings import Settings

EXAMPLES = Path("/srv/examples")
HUB = "http://hub:8081"

#: HOME and TMPDIR of the programs that builds call (compose.yaml).
_CLIENTS_FOLDERS = ("home", "tmp")
_HOOKS = Path(__file__).parent / "hooks"
_GIT_CONFIG = f"""\
[core]
\thooksPath = {_HOOKS}
	bigFileThreshold = 8m
[init]
\tdefaultBranch = {names.MAIN_BRANCH}
[safe]
\tdirectory = *
[receive]
\tfsckObjects = true
\tmaxInputSize = %(max_bytes)d
\tautogc = true
\tdenyDeleteCurrent = ignore
[receive "fsck"]
\tzeroPaddedFilemode = warn
\tmissingSpaceBeforeDate = warn
[fetch]
\tfsckObjects = true
[transfer]
\thideRefs = refs/mirror
[gc]
\tautoDetach = false
[http]
\treceivepack = true
"""


@dataclass(frozen=True)
class Service:
    """The parts of the service: `self.settings["service"]` in a tornado handler."""

    settings: Settings
    repos: Repos
    builds: Builds
    pushes: Pushes
    mirrors: Mirrors
    actions: Actions
    hub: HubAPI


def make_service(
    settings: Settings, *, socket: Path = SOCKET, hub: str = HUB, examples: Path = EXAMPLES
) -> Service:
    """Put the service together.

    Raises
    ------
    SettingError
        Its secret is missing.
    """
    max_bytes = settings.push_max_mb * 1_000_000
    config = settings.environments / ".gitconfig"
    settings.environments.mkdir(parents=True, exist_ok=True)
    config.write_text(_GIT_CONFIG % {"max_bytes": max_bytes}, encoding="utf-8")
    for folder in _CLIENTS_FOLDERS:
        (settings.builds / folder).mkdir(parents=True, exist_ok=True)
    repos = Repos(settings.environments, Git(config))
    builds = Builds(settings.builds / ".work", build_command)
    hub_api = HubAPI(f"{hub}/hub/api", settings.secret("builder_token"))
    pushes = Pushes(repos, builds, settings, socket=socket)
    mirrors = Mirrors(repos, max_bytes, partial(own_networks, settings))
    actions = Actions(settings, repos, builds, pushes, mirrors, hub_api, examples)
    return Service(settings, repos, builds, pushes, mirrors, actions, hub_api)


def build_command(request: Request, folder: Path) -> list[str]:
    """Give the program that builds a folder."""
    return [
        "lectern", "build", "--events",
        "--name", request.environment,
        "--commit", request.commit,
        f"--ref={request.ref}",
        f"--author={request.person}",
        *(["--publish"] if request.is_to_publish else []),
        *(["--upgrade"] if request.is_upgrade else []),
        "--", str(folder),
    ]  # fmt: skip
