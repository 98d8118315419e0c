"""How a command inside the builder's container asks the service that runs there."""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import click

from lectern.builder.service.local_socket import SOCKET
from lectern.errors import LecternError, RepoError

_HINT = "`make up` starts it, `make logs` shows why it ended"


def ask(verb: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Have the service do something, showing on stderr what it says meanwhile, and give the result.

    Raises
    ------
    LecternError
        It could not be done; says why.
    """
    body = json.dumps(asked).encode()
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(SOCKET))
            # HTTP/1.0: the answer is a plain stream of lines that ends with the connection.
            head = f"POST /env/{verb} HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            with connection.makefile("rb") as answer:
                while answer.readline().strip():
                    pass  # the headers
                for line in answer:
                    said = json.loads(line)
                    if "result" in said:
                        return said["result"]
                    if "error" in said:
                        raise LecternError(**said["error"])
                    if "failed" in said:
                        sys.exit(1)
                    click.echo(said["say"], err=True)
    except (OSError, ValueError) as problem:
        raise RepoError(f"does not answer ({problem})", where="builder", hint=_HINT) from problem
    raise RepoError("ended before it was done", where="builder", hint=_HINT)
