"""A small Debian archive: packages of a few bytes and their lists, unsigned."""

import hashlib
import subprocess
import tempfile
from pathlib import Path

CONTROL = """Package: {name}
Version: {version}
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: made by a test
"""


class Archive:
    """An archive in the making; `index` makes it one that apt can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pool").mkdir(parents=True)

    def add(self, name: str, version: str) -> None:
        """Make a package that says its version in /usr/share/NAME."""
        with tempfile.TemporaryDirectory() as scratch:
            for path, text in {
                "DEBIAN/control": CONTROL.format(name=name, version=version),
                f"usr/share/{name}/version": f"{version}\n",
            }.items():
                (Path(scratch) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(scratch) / path).write_text(text, encoding="utf-8")
            Path(scratch).chmod(0o755)
            target = self.folder / "pool" / f"{name}_{version}_all.deb"
            subprocess.run(
                ["dpkg-deb", "--root-owner-group", "--build", scratch, target],
                check=True,
                capture_output=True,
            )

    def index(self) -> None:
        """Write the lists, as for an archive whose Release has long expired."""
        stanzas = []
        for path in sorted(self.folder.glob("pool/*.deb")):
            told = subprocess.run(["dpkg-deb", "--field", path], check=True, capture_output=True, text=True)
            data = path.read_bytes()
            stanzas.append(
                f"{told.stdout}Filename: pool/{path.name}\nSize: {len(data)}\n"
                f"SHA256: {hashlib.sha256(data).hexdigest()}\n"
            )
        packages = "\n".join(stanzas).encode()
        suite = self.folder / "dists/trixie"
        sums = []
        for architecture in ("all", "amd64", "arm64"):
            path = suite / f"main/binary-{architecture}/Packages"
            path.parent.mkdir(parents=True)
            path.write_bytes(packages)
            digest = hashlib.sha256(packages).hexdigest()
            sums.append(f" {digest} {len(packages)} main/binary-{architecture}/Packages\n")
        (suite / "Release").write_text(
            "Suite: trixie\nCodename: trixie\nComponents: main\nArchitectures: all amd64 arm64\n"
            "Date: Sat, 01 Jun 2024 00:00:00 UTC\nValid-Until: Sat, 08 Jun 2024 00:00:00 UTC\n"
            f"SHA256:\n{''.join(sums)}",
            encoding="utf-8",
        )
