"""Jupyter's messages on a kernel's five sockets: received, answered, published."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import zmq
from jupyter_client.session import Session

if TYPE_CHECKING:
    from pathlib import Path

Message = dict[str, Any]
Request = tuple[list[bytes], Message]

_LINGER_MS = 1000


class Wire:
    """The sockets of one kernel; the shell is the main thread's, control that of a thread beside it.

    Parameters
    ----------
    connection_file : Path
        Where the server wrote addresses and key.
    """

    def __init__(self, connection_file: Path) -> None:
        told = json.loads(connection_file.read_text(encoding="utf-8"))
        # The server is the only client and signs all that it sends; two threads share no history so.
        self._session = Session(
            key=told["key"].encode(), signature_scheme=told["signature_scheme"], digest_history_size=0
        )
        self._context = zmq.Context()
        self._lock = threading.Lock()
        between = ":" if told["transport"] == "tcp" else "-"

        def bind(kind: int, port: str) -> zmq.Socket[bytes]:
            socket = self._context.socket(kind)
            socket.bind(f"{told['transport']}://{told['ip']}{between}{told[port]}")
            return socket

        self.shell = bind(zmq.ROUTER, "shell_port")
        self.control = bind(zmq.ROUTER, "control_port")
        self._stdin = bind(zmq.ROUTER, "stdin_port")
        self._iopub = bind(zmq.PUB, "iopub_port")
        self._heartbeat = bind(zmq.ROUTER, "hb_port")
        self._over, self._end = os.pipe()
        threading.Thread(target=self._echo, daemon=True).start()

    def _echo(self) -> None:
        zmq.proxy(self._heartbeat, self._heartbeat)

    def receive(self, socket: zmq.Socket[bytes]) -> Request | None:
        """Wait for a request; None when the kernel is to end."""
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.register(self._over, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self._over in ready:
                return None
            if request := self.receive_now(socket):
                return request

    def receive_now(self, socket: zmq.Socket[bytes]) -> Request | None:
        """Give a request that is there already, if it is well signed."""
        try:
            identities, message = self._session.recv(socket)
        except (ValueError, TypeError):
            return None
        return (identities or [], message) if message else None

    def publish(self, kind: str, content: Message, parent: Message | None) -> None:
        """Tell all who look at the kernel."""
        with self._lock:
            self._session.send(self._iopub, kind, content, parent=parent, ident=f"kernel.{kind}".encode())

    def reply(self, socket: zmq.Socket[bytes], request: Request, content: Message) -> None:
        """Answer a request."""
        identities, message = request
        kind = message["header"]["msg_type"].replace("_request", "_reply")
        with self._lock:
            self._session.send(socket, kind, content, parent=message, ident=identities)

    def ask(self, request: Request) -> None:
        """Ask who sent a request for a line of input; what was answered to earlier questions is forgotten."""
        while self._stdin.poll(0):
            self.receive_now(self._stdin)
        identities, message = request
        content = {"prompt": "", "password": False}
        with self._lock:
            self._session.send(self._stdin, "input_request", content, parent=message, ident=identities)

    def answered(self, timeout_s: float) -> str | None:
        """Give the answer to what was asked, if it comes in time."""
        if not self._stdin.poll(int(timeout_s * 1000)):
            return None
        answer = self.receive_now(self._stdin)
        return str(answer[1]["content"]["value"]) if answer else None

    def finish(self) -> None:
        """Have every `receive` give None, now and later."""
        os.write(self._end, b".")

    def close(self) -> None:
        """Send what is still to be sent."""
        self._context.destroy(linger=_LINGER_MS)
