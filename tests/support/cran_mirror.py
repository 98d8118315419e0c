"""A CRAN of our own: real source packages, index, archive, past days, ready-made packages; on loopback.

Addresses are laid out as Posit's mirror has them, which keeps CRAN's layout below each of them:
`/cran/latest`, `/cran/2024-05-01`, and `/cran/__linux__/trixie/latest`, which sends ready-made packages
to whom its user agent says to be R, under the names of the source packages.
"""

import contextlib
import gzip
import hashlib
import http.server
import io
import re
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

_R = re.compile(r"R/4\.5\.\d+ R \(4\.5\.\d+ x86_64-pc-linux-gnu x86_64 linux-gnu\)")


@dataclass(frozen=True)
class Package:
    """A source package; `files` are added to what every package has."""

    name: str
    version: str = "1.0"
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.name}_{self.version}.tar.gz"

    def description(self, **more: str) -> dict[str, str]:
        return {
            "Package": self.name,
            "Version": self.version,
            "Title": "A Package of the Tests",
            "Description": "Made by the tests.",
            "Author": "Ada Lovelace",
            "Maintainer": "Ada Lovelace <ada@example.org>",
            "License": "BSD_3_clause + file LICENSE",
            "NeedsCompilation": "yes" if any(name.startswith("src/") for name in self.files) else "no",
            **self.fields,
            **more,
        }

    def packed(self, **more: str) -> bytes:
        """Give the package's tar.gz; equal packages give equal bytes."""
        files = {
            "DESCRIPTION": _dcf(self.description(**more)),
            "NAMESPACE": 'exportPattern("^[[:alpha:]]+")\n',
            "LICENSE": "YEAR: 2026\nCOPYRIGHT HOLDER: Ada Lovelace\n",
            **self.files,
        }
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for path, text in files.items():
                member = tarfile.TarInfo(f"{self.name}/{path}")
                member.size = len(content := text.encode())
                archive.addfile(member, io.BytesIO(content))
        return gzip.compress(buffer.getvalue(), mtime=0)


def _dcf(fields: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


class CranMirror:
    """The mirror: `add` packages, then ask `url`; `requests` has what was asked, with the user agent."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.requests: list[tuple[str, str]] = []
        self.url = ""

    @property
    def cran(self) -> str:
        return f"{self.url}/cran/latest"

    @property
    def binaries(self) -> str:
        return f"{self.url}/cran/__linux__/trixie/latest"

    def add(self, *packages: Package, day: str = "latest") -> None:
        """Put packages on the mirror; what was there in an older version goes to the archive."""
        contrib = self._contrib(day)
        for package in packages:
            for old in contrib.glob(f"{package.name}_*.tar.gz"):
                folder = contrib / "Archive" / package.name
                folder.mkdir(parents=True, exist_ok=True)
                old.rename(folder / old.name)
            (contrib / package.file).write_bytes(package.packed())
        self._write_index(contrib)

    def add_binary(self, package: Package, content: bytes) -> None:
        """Put a package on the mirror of ready-made ones, beside its source."""
        contrib = self._contrib("__linux__/trixie/latest")
        (contrib / package.file).write_bytes(package.packed())
        (contrib / package.file).with_suffix(".built").write_bytes(content)
        self._write_index(contrib)

    def replace(self, path: str, content: bytes) -> None:
        """Change a file behind the index's back."""
        (self.root / path).write_bytes(content)

    def _contrib(self, day: str) -> Path:
        contrib = self.root / "cran" / day / "src" / "contrib"
        contrib.mkdir(parents=True, exist_ok=True)
        return contrib

    @staticmethod
    def _write_index(contrib: Path) -> None:
        stanzas = []
        for path in sorted(contrib.glob("*.tar.gz")):
            content = path.read_bytes()
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                text = (
                    archive.extractfile(archive.getnames()[0].split("/")[0] + "/DESCRIPTION").read().decode()
                )
            kept = [
                line
                for line in text.splitlines()
                if line.split(":")[0]
                in {"Package", "Version", "Depends", "Imports", "LinkingTo", "License", "NeedsCompilation"}
            ]
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            stanzas.append("\n".join([*kept, f"MD5sum: {md5}"]) + "\n")
        index = "\n".join(stanzas)
        (contrib / "PACKAGES").write_text(index)
        (contrib / "PACKAGES.gz").write_bytes(gzip.compress(index.encode(), mtime=0))

    @contextlib.contextmanager
    def serving(self):
        """Answer on loopback as long as the block lasts."""
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.answer(self)

            def log_message(self, *words):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def answer(self, request) -> None:
        agent = request.headers.get("User-Agent", "")
        self.requests.append((request.path, agent))
        content = self._content(request.path, is_r=bool(_R.fullmatch(agent)))
        if content is None:
            request.send_error(404)
            return
        tag = '"' + hashlib.sha256(content).hexdigest()[:16] + '"'
        is_known = request.headers.get("If-None-Match") == tag
        request.send_response(304 if is_known else 200)
        request.send_header("ETag", tag)
        request.send_header("Content-Length", "0" if is_known else str(len(content)))
        request.end_headers()
        if not is_known:
            request.wfile.write(content)

    def _content(self, path: str, *, is_r: bool) -> bytes | None:
        file = self.root / path.strip("/")
        if path.endswith("/") and file.is_dir():
            links = (f'<a href="{entry.name}">{entry.name}</a>' for entry in sorted(file.iterdir()))
            return "\n".join(["<html><body>", *links, "</body></html>"]).encode()
        built = file.with_suffix(".built")
        if is_r and built.is_file():
            return built.read_bytes()
        return file.read_bytes() if file.is_file() else None
