"""Servers on loopback: a package index with releases that the tests make, and a folder of files."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer:
    """What a server gives for one path."""

    def __init__(self, content, content_type="application/octet-stream"):
        self.content = content
        self.content_type = content_type
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'


class LoopbackServer:
    """Serves what `find` gives for a path; knows what was asked, and can be made to fail."""

    def __init__(self, find):
        self.asked = []
        self.unchanged = 0  # how many were answered "not modified"
        self.fails_after = None  # number of requests that are still answered
        self._find = find
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer._serve(self)

            def do_HEAD(self):
                outer._serve(self)

            def log_message(self, *words):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client that hangs up is no concern of a test
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _serve(self, request):
        self.asked.append(request.path)
        if self.fails_after is not None and len(self.asked) > self.fails_after:
            self._send(request, HTTPStatus.SERVICE_UNAVAILABLE, Answer(b"down"))
            return
        answer = self._find(request.path.partition("?")[0])
        if answer is None:
            self._send(request, HTTPStatus.NOT_FOUND, Answer(b"no"))
        elif request.headers.get("If-None-Match") == answer.etag:
            self.unchanged += 1
            self._send(request, HTTPStatus.NOT_MODIFIED, Answer(b""), answer.etag)
        else:
            self._send(request, HTTPStatus.OK, answer, answer.etag)

    @staticmethod
    def _send(request, status, answer, etag=""):
        request.send_response(status)
        request.send_header("Content-Type", answer.content_type)
        request.send_header("Content-Length", str(len(answer.content)))
        if etag:
            request.send_header("ETag", etag)
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(answer.content)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def served(folder):
    """Serve a folder's files."""

    def find(path):
        file = folder / path.lstrip("/")
        return Answer(file.read_bytes()) if file.is_file() else None

    server = LoopbackServer(find)
    try:
        yield server
    finally:
        server.close()


def wheel(name, version, *, requires=(), extras=(), requires_python="", modules=()):
    """Make a wheel: its metadata and a module of its name."""
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = _metadata(name, version, requires=requires, extras=extras, requires_python=requires_python)
    files = {f"{module}.py": "VALUE = 42\n" for module in modules or [name.replace("-", "_")]}
    files |= {
        f"{folder}/METADATA": metadata,
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
    }
    files[f"{folder}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{folder}/RECORD"])
    return zipped(files)


def source(name, version, files=None, *, requires=(), metadata_version="2.2"):
    """Make a source release: PKG-INFO and whatever else is given."""
    top = f"{name}-{version}"
    info = _metadata(name, version, requires=requires, metadata_version=metadata_version)
    return tarred({f"{top}/{path}": text for path, text in {"PKG-INFO": info, **(files or {})}.items()})


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return buffer.getvalue()


def tarred(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _metadata(name, version, *, requires, extras=(), requires_python="", metadata_version="2.2"):
    lines = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {line}" for line in requires]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    return "\n".join(lines) + "\n\n"


class PackageIndex:
    """A package index that speaks JSON (PEP 691), or HTML only."""

    def __init__(self, *, speaks_json=True):
        self._projects = {}
        self._files = {}
        self._speaks_json = speaks_json
        self.server = LoopbackServer(self._find)
        self.url = f"{self.server.url}/simple"

    def add(
        self,
        name,
        version,
        *,
        tag="py3-none-any",
        uploaded="2026-01-01",
        yanked=False,
        requires_python="",
        **more,
    ):
        """Add a wheel."""
        file = f"{name.replace('-', '_')}-{version}-{tag}.whl"
        content = wheel(name, version, requires_python=requires_python, **more)
        self._add_file(name, file, content, uploaded=uploaded, yanked=yanked, requires_python=requires_python)

    def add_source(self, name, version, files=None, *, uploaded="2026-01-01", **more):
        """Add a source release."""
        content = source(name, version, files, **more)
        self._add_file(name, f"{name}-{version}.tar.gz", content, uploaded=uploaded)

    def _add_file(self, name, file, content, *, uploaded, yanked=False, requires_python=""):
        self._files[file] = content
        self._projects.setdefault(name, []).append(
            {
                "filename": file,
                "url": f"../../files/{file}",
                "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                "requires-python": requires_python or None,
                "yanked": yanked,
                "upload-time": f"{uploaded}T00:00:00Z",
                "size": len(content),
            }
        )

    def sha256(self, file):
        """Give the hash of a file that is there."""
        return hashlib.sha256(self._files[file]).hexdigest()

    def _find(self, path):
        kind, _, name = path.strip("/").partition("/")
        if kind == "files" and name in self._files:
            return Answer(self._files[name])
        if kind != "simple" or name not in self._projects:
            return None
        files = self._projects[name]
        if self._speaks_json:
            page = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": files}
            return Answer(json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")
        return Answer("".join(_anchor(file) for file in files).encode(), "text/html")

    def close(self):
        self.server.close()


def _anchor(file):
    yanked = ' data-yanked=""' if file["yanked"] else ""
    python = (file["requires-python"] or "").replace(">", "&gt;").replace("<", "&lt;")
    demands = f' data-requires-python="{python}"' if python else ""
    return (
        f'<a href="{file["url"]}#sha256={file["hashes"]["sha256"]}"{yanked}{demands}>{file["filename"]}</a>\n'
    )
