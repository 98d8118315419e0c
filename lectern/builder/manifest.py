"""What is in an environment's image, to the last package. Pure; the image's own steps write it.

The manifest has no times and no order of its own, so its hash is the environment's identity.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from lectern.errors import LecternError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Part of the manifest → how its lines part name and version, and the type of package URL.
#: https://github.com/package-url/purl-spec
_SOURCES = {
    "debian": ("=", "deb", "debian"),
    "python": ("==", "pypi", None),
    "conda": ("=", "conda", None),
    "r": ("=", "cran", None),
    "julia": ("=", "julia", None),
    "server": ("==", "pypi", None),
    "local": ("==", "generic", None),
    "postBuild": ("==", "generic", None),
}


class NotAManifestError(LecternError):
    """A text is no manifest of an environment."""


@dataclass(frozen=True)
class Change:
    """One package that differs between two environments."""

    source: str  # "python", "debian", …
    name: str
    before: str  # version, "" when it was not there
    after: str  # version, "" when it is gone

    def __str__(self) -> str:
        """Give a line such as `+ pandas 3.1 (python)`."""
        if not self.before:
            return f"+ {self.name} {self.after} ({self.source})"
        if not self.after:
            return f"- {self.name} {self.before} ({self.source})"
        return f"~ {self.name} {self.before} → {self.after} ({self.source})"


def read_manifest(text: str | bytes, *, where: str) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    NotAManifestError
        The text is none.
    """
    try:
        manifest = json.loads(text)
    except ValueError as problem:
        raise NotAManifestError(
            f"is no manifest ({problem})", where=where, hint="build it again"
        ) from problem
    if not isinstance(manifest, dict) or not all(
        isinstance(manifest.get(source, []), list) for source in _SOURCES
    ):
        raise NotAManifestError("is no manifest", where=where, hint="build it again")
    return manifest


def identity(manifest: Mapping[str, object]) -> str:
    """Give the hash that two equal environments share: sha256 of the manifest in canonical JSON."""
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def packages(manifest: Mapping[str, Any], source: str) -> dict[str, str]:
    """Give names and versions of one part; a line without a version (a git address) has itself as one."""
    separator = _SOURCES[source][0]
    found = {}
    for line in manifest.get(source, []):
        name, _, version = line.partition(separator if separator in line else " @ ")
        found[name] = version or line
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """List what was added, removed and changed, by source and name."""
    changes = []
    for source in _SOURCES:
        old, new = packages(before, source), packages(after, source)
        changes += [
            Change(source, name, old.get(name, ""), new.get(name, ""))
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        ]
    return tuple(changes)


def cyclonedx(manifest: Mapping[str, Any], *, environment: str) -> str:
    """Write a manifest as a CycloneDX 1.6 bill of materials, in JSON.

    References
    ----------
    https://cyclonedx.org/docs/1.6/json/
    """
    known = identity(manifest)
    root = Component(
        name=environment,
        version=known[:12],
        type=ComponentType.CONTAINER,
        bom_ref=f"environment/{environment}",
    )
    # Named after the content, at a time that never was: two equal environments have one bill.
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, known))
    bom.metadata.component = root
    bom.metadata.timestamp = datetime.fromtimestamp(0, UTC)
    for source, (_, kind, namespace) in _SOURCES.items():
        for name, version in packages(manifest, source).items():
            url = PackageURL(type=kind, namespace=namespace, name=name, version=version)
            bom.components.add(
                Component(
                    name=name,
                    version=version,
                    group=source,
                    purl=url,
                    type=ComponentType.LIBRARY,
                    bom_ref=f"{source}/{name}",
                )
            )
    bom.register_dependency(root, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=1)
