"""Julia's download and package servers on loopback: a real Julia and a registry with two small packages."""

import contextlib
import functools
import gzip
import hashlib
import http.server
import io
import json
import platform
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lectern import names

HERE = Path(__file__).parent
VERSION = "1.5.3"
ARCHIVE = f"linux/x64/1.5/julia-{VERSION}-linux-{platform.machine()}.tar.gz"

#: What Julia takes a registry of this UUID for, wherever it comes from.
GENERAL = "23338594-aafe-5451-b93e-139f81909106"

UNIT = ("Unit", "11111111-2222-4333-8444-555555555555")
GREETING = ("Greeting", "66666666-7777-4888-8999-aaaaaaaaaaaa")


@dataclass(frozen=True)
class Package:
    """One version of a package."""

    name: str
    uuid: str
    version: str
    source: str
    needs: tuple[tuple[str, str], ...] = ()

    def files(self) -> dict[str, str]:
        needs = "".join(f'{name} = "{uuid}"\n' for name, uuid in self.needs)
        return {
            "Project.toml": f'name = "{self.name}"\nuuid = "{self.uuid}"\nversion = "{self.version}"\n\n'
            f"[deps]\n{needs}",
            f"src/{self.name}.jl": f"module {self.name}\n{self.source}\nend\n",
        }


PACKAGES = (
    Package(*UNIT, "1.0.0", "word() = :old"),
    Package(*UNIT, "1.1.0", "word() = :world"),
    Package(
        *GREETING, "0.2.0", 'export greet\nimport Unit\ngreet() = "hello, $(Unit.word())"', needs=(UNIT,)
    ),
)


def repacked_julia(base_image: str, kept: Path) -> Path:
    """Give the archive of a real Julia, made once for each way of making it.

    Parameters
    ----------
    base_image : str
        lectern/base, whose mirror and keyring are used.
    kept : Path
        Folder that outlives the tests.
    """
    recipe = (HERE / "repack_julia.bash").read_bytes()
    archive = kept / f"julia-{VERSION}-{hashlib.sha256(recipe).hexdigest()[:12]}.tar.gz"
    if not archive.exists():
        kept.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_suffix(".part")
        with unfinished.open("wb") as out:
            done = subprocess.run(
                ["docker", "run", "--rm", "--interactive", "--network", "host",
                 "--label", f"{names.PROJECT}=test-julia-server", base_image, "bash", "-s"],
                input=recipe, stdout=out, stderr=subprocess.PIPE, check=False, timeout=600,
            )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"repack_julia.bash: {done.stderr.decode()}")
        unfinished.rename(archive)
    return archive


def versions_json(archive: Path) -> dict:
    """Describe an archive as Julia's list of releases does."""
    entry = {
        "arch": platform.machine(),
        "extension": "tar.gz",
        "kind": "archive",
        "os": "linux",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "size": archive.stat().st_size,
        "triplet": f"{platform.machine()}-linux-gnu",
        "url": f"https://julialang-s3.julialang.org/bin/{ARCHIVE}",
        "version": VERSION,
    }
    return {VERSION: {"files": [entry], "stable": True}}


def write_site(site: Path, archive: Path) -> str:
    """Lay out both servers' files: bin/ with Julia itself; the packages under the path that is given back.

    It is named after the registry's content: the engine would take an image of other packages
    from its cache otherwise.
    """
    (site / "bin" / ARCHIVE).parent.mkdir(parents=True)
    (site / "bin" / ARCHIVE).symlink_to(archive)
    (site / "bin" / "versions.json").write_text(json.dumps(versions_json(archive)), encoding="utf-8")
    packages = site / "packages"
    registry = {}
    for name, uuid in (UNIT, GREETING):
        folder = f"{name[0]}/{name}"
        known = [each for each in PACKAGES if each.uuid == uuid]
        registry[f"{folder}/Package.toml"] = (
            f'name = "{name}"\nuuid = "{uuid}"\nrepo = "https://invalid/{name}.git"\n'
        )
        registry[f"{folder}/Versions.toml"] = "".join(
            f'["{each.version}"]\ngit-tree-sha1 = "{_serve(packages / "package" / uuid, each.files())}"\n'
            for each in known
        )
        registry[f"{folder}/Deps.toml"] = "".join(
            f'["{each.version}"]\n' + "".join(f'{need} = "{of}"\n' for need, of in each.needs)
            for each in known
            if each.needs
        )
    registry["Registry.toml"] = (
        f'name = "General"\nuuid = "{GENERAL}"\nrepo = "https://invalid/General.git"\n\n[packages]\n'
        + "".join(
            f'{uuid} = {{ name = "{name}", path = "{name[0]}/{name}" }}\n' for name, uuid in (UNIT, GREETING)
        )
    )
    tree = _serve(packages / "registry" / GENERAL, registry)
    (packages / "registries").write_text(f"/registry/{GENERAL}/{tree}\n", encoding="utf-8")
    packages.rename(site / tree)
    return tree


def _serve(folder: Path, files: dict[str, str]) -> str:
    """Write files as an archive that is named after their git tree; give that name."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in files.items():
            path = Path(scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git = functools.partial(
            subprocess.run, cwd=scratch, check=True, capture_output=True, text=True, timeout=30
        )
        git(["git", "init", "--quiet"])
        git(["git", "add", "."])
        tree = git(["git", "write-tree"]).stdout.strip()
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    (folder / tree).write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    return tree


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words) -> None:
        """Say nothing: the tests' output is theirs."""


@contextlib.contextmanager
def served(site: Path, ports: range) -> Iterator[str]:
    """Serve a folder on the first free port of a range, and give its address.

    The same one each time where that can be: it is part of the build's cache key.
    """
    handler = functools.partial(_Quiet, directory=str(site))
    for port in ports:
        with contextlib.suppress(OSError):
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
            break
    else:
        raise AssertionError(f"no free port in {ports}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
