"""What the builder's service has in its hands; handlers of git, pages and the command get this object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lectern.builder.service.builds import Builds
    from lectern.builder.service.hub_api import HubAPI
    from lectern.builder.service.repos import Repos
    from lectern.settings import Settings


@dataclass(frozen=True)
class Service:
    """The parts of the service: `self.settings["service"]` in a tornado handler."""

    settings: Settings
    repos: Repos
    builds: Builds
    hub: HubAPI
