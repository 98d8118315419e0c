"""Conda channels that tests make: packages of a few bytes, or real ones out of wheels; served on loopback."""

import asyncio
import contextlib
import functools
import hashlib
import http.server
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler.index import index_fs
from rattler_build import assemble_package, collect_files

ROOT = Path(__file__).resolve().parents[2]
PYTHON = platform.python_version()
MINOR = PYTHON.rpartition(".")[0]
SITE_PACKAGES = Path("lib", f"python{MINOR}", "site-packages")

#: What the real channel has beside Python, with all that they need; dev.lock has the versions of the rest.
WHEELS = ("ipykernel", "numpy==2.3.5", "pandas==2.3.3")

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


class Channel:
    """A channel in the making; `index` makes it one that can be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for subdir in ("noarch", "linux-64"):
            (folder / subdir).mkdir(parents=True, exist_ok=True)

    def add(
        self,
        name: str,
        version: str,
        *depends: str,
        files: dict[str, str] | Path | None = None,
        subdir: str = "noarch",
        noarch: str = "generic",
        made: datetime = LONG_AGO,
    ) -> Path:
        """Make a package, of the given texts by path or of a folder, and give its path."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = files if isinstance(files, Path) else Path(scratch)
            texts = {f"share/{name}.txt": version} if files is None else files
            for path, text in {} if isinstance(texts, Path) else texts.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")
                (folder / path).chmod(0o755 if path.startswith("bin/") else 0o644)
            return assemble_package(
                name,
                version,
                subdir,
                "0",
                self.folder / subdir,
                # Link scripts are hidden files.
                files=collect_files(folder, include_hidden=True),
                depends=depends,
                noarch=noarch if subdir == "noarch" else None,
                timestamp=made,
                compression_level=1,
            ).path

    def index(self) -> None:
        asyncio.run(index_fs(self.folder, write_shards=False))

    def index_as_of_old(self) -> None:
        """Index so that each package came into the channel when it was made, and not now."""
        asyncio.run(index_fs(self.folder, write_shards=False, write_zst=False))
        for path in self.folder.glob("*/repodata.json"):
            index = json.loads(path.read_text(encoding="utf-8"))
            for record in index["packages.conda"].values():
                record["indexed_timestamp"] = record["timestamp"]
            path.write_text(json.dumps(index), encoding="utf-8")

    def copy(self, folder: Path) -> "Channel":
        shutil.copytree(self.folder, folder)
        return Channel(folder)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; breaks off half way in each file below a folder called `breaks-off`."""

    def log_message(self, *_words):
        pass

    def copyfile(self, source, outputfile):
        content = source.read()
        outputfile.write(content[: len(content) // 2] if "/breaks-off/" in self.path else content)
        if "/breaks-off/" in self.path:
            self.close_connection = True


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve channels as a static web server does, and give the address."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def real_channel() -> Path:
    """Make a channel with a real CPython, NumPy, pandas and ipykernel, once for each state of its sources.

    Python is the one that runs this, Debian's, repacked; the others are repacked from PyPI's wheels.
    """
    lock = ROOT / "requirements" / "dev.lock"
    sources = b"".join([PYTHON.encode(), Path(__file__).read_bytes(), lock.read_bytes()])
    folder = ROOT / ".lectern" / "conda-channel" / hashlib.sha256(sources).hexdigest()[:12]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            channel = Channel(Path(scratch) / "made" / "conda-forge")
            _add_python(channel, Path(scratch) / "python")
            for requirement in _compiled(lock):
                _add_wheel(channel, requirement, Path(scratch) / requirement)
            _add_packages_of_other_kinds(channel)
            channel.index()
            (Path(scratch) / "made").rename(folder)
    return folder


def client_settings() -> Path | None:
    """Give uv's settings of this machine, where it has any: its index may be a mirror."""
    path = Path(os.environ.get("LECTERN_MACHINE", ROOT / ".lectern")) / "clients" / "uv.toml"
    return path if path.exists() else None


def uv(*words: str, **more) -> str:
    """Run uv with this machine's own index, and give what it prints."""
    config = client_settings()
    return subprocess.run(
        ["uv", *words],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | ({"UV_CONFIG_FILE": str(config)} if config else {}),
        **more,
    ).stdout


def _compiled(lock: Path) -> list[str]:
    return uv(
        *("pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", MINOR),
        *("--only-binary", ":all:", "--constraints", str(lock), "-"),
        input="\n".join(WHEELS),
    ).split()


def _add_python(channel: Channel, folder: Path) -> None:
    library = folder / "lib" / f"python{MINOR}"
    shutil.copytree(
        Path("/usr/lib", f"python{MINOR}"),
        library,
        symlinks=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    # As everywhere but in Debian, packages lie in site-packages. Its `site` is frozen into the program.
    (library / "dist-packages").symlink_to("site-packages")
    schemes = library / "sysconfig" / "__init__.py"
    schemes.write_text(re.sub(r"(= |LAYOUT', )'posix_local'", r"\1'posix_prefix'", schemes.read_text()))
    (folder / "bin").mkdir()
    shutil.copy2(f"/usr/bin/python{MINOR}", folder / "bin")
    for name in ("python", "python3"):
        (folder / "bin" / name).symlink_to(f"python{MINOR}")
    channel.add("python", PYTHON, files=folder, subdir="linux-64")


def _add_wheel(channel: Channel, requirement: str, folder: Path) -> None:
    name, version = requirement.split("==")
    target = folder / "site-packages"
    uv(
        *("pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(target)),
        requirement,
    )
    (target / ".lock").unlink(missing_ok=True)  # uv's own
    (found,) = importlib.metadata.distributions(path=[str(target)])
    needs = [Requirement(line) for line in found.requires or ()]
    is_pure = "Root-Is-Purelib: true" in (found.read_text("WHEEL") or "")
    for tests in [path for path in target.rglob("tests") if path.is_dir()]:
        shutil.rmtree(tests)  # half of pandas, and imported by nobody here
    for beside in ("bin", "share", "etc"):
        if (target / beside).is_dir():
            (target / beside).rename(folder / beside)
    # Programs are made anew from entry points; these ones know their way to this machine's Python only.
    shutil.rmtree(folder / "bin", ignore_errors=True)
    if not is_pure:
        (folder / SITE_PACKAGES.parent).mkdir(parents=True)
        target.rename(folder / SITE_PACKAGES)
    channel.add(
        canonicalize_name(name),
        version,
        f"python {MINOR}.*" if not is_pure else "python",
        *(
            f"{canonicalize_name(need.name)} {need.specifier}".strip()
            for need in needs
            if not need.marker or need.marker.evaluate({"extra": ""})
        ),
        files=folder,
        subdir="noarch" if is_pure else "linux-64",
        noarch="python",
    )


def _add_packages_of_other_kinds(channel: Channel) -> None:
    """Add what wheels do not have: variables, a script after linking, R's way to bring a kernel."""
    channel.add(
        "map-data",
        "1.0",
        files={
            "etc/conda/activate.d/map-data.sh": "export MAP_DATA=$CONDA_PREFIX/share/map-data\n",
            "share/map-data/sea.txt": "blue\n",
        },
    )
    channel.add(
        "fonts-like",
        "1.0",
        files={
            "bin/.fonts-like-post-link.sh": "echo linked >$PREFIX/fonts.cache\n",
            "share/fonts/a.txt": "a\n",
        },
    )
