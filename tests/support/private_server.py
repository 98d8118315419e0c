"""Servers that ask for a token: a git repo, and a file."""

import base64
import os
import subprocess
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.stack import docker


def engine_address() -> str:
    """Give the address of this machine as the engine's containers and builds see it."""
    return docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")


@contextmanager
def private_repo(folder, files, token):
    """Serve a git repo with files on loopback; give its address, which answers to the token alone."""
    work, root = folder / "work", folder / "root"
    work.mkdir()
    for path, text in files.items():
        (work / path).write_text(text, encoding="utf-8")
    author = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    for words in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "First")):
        subprocess.run(["git", "-C", str(work), *words], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(root / "it.git")], check=True)

    def answer(request, body):
        path, _, query = request.path.partition("?")
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "http-backend"],
            input=body,
            capture_output=True,
            check=True,
            env=os.environ
            | {
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": request.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            },
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        return [line.split(": ", 1) for line in head.decode().splitlines()], content

    with _served("127.0.0.1", token, answer) as address:
        yield f"{address}/it.git"


@contextmanager
def private_file(host, name, content, token):
    """Serve a file; give its address, which answers to the token alone."""
    with _served(host, token, lambda *_: ([], content)) as address:
        yield f"{address}/{name}"


@contextmanager
def _served(host, token, answer):
    expected = "Basic " + base64.b64encode(f"oauth2:{token}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(b"")

        def do_POST(self):
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        do_HEAD = do_GET  # noqa: N815 - as the library calls it

        def _answer(self, body):
            is_known = self.headers.get("Authorization") == expected
            headers, content = answer(self, body) if is_known else ([], b"")
            self.send_response(HTTPStatus.OK if is_known else HTTPStatus.UNAUTHORIZED)
            if not is_known:
                self.send_header("WWW-Authenticate", 'Basic realm="private"')
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
