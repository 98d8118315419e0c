"""The kernel as Jupyter sees it: messages in, messages out."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .child import Guard
from .failure import Failure
from .running import make_runner
from .screen import Screen
from .syntax import is_complete

if TYPE_CHECKING:
    from .recipe import Recipe
    from .wire import Message, Request, Wire

_PROTOCOL = "5.3"
_LOOK_EVERY_S = 0.1
_LOOK_FOR_PARENT_EVERY_S = 1.0
_END_OF_FILE = "\x04"


class LanguageKernel:
    """Runs the cells of a language.

    Parameters
    ----------
    recipe : Recipe
        How.
    wire : Wire
        Where requests come from.
    """

    def __init__(self, recipe: Recipe, wire: Wire) -> None:
        self._recipe = recipe
        self._wire = wire
        self._count = 0
        self._interrupts = 0
        self._is_over = False
        self._parent = os.getppid()
        self._request: Request | None = None
        # Before any program starts: none shall inherit that the signal is ignored.
        signal.signal(signal.SIGINT, self._count_interrupt)
        self._work = Path(tempfile.mkdtemp(prefix="lectern-"))
        self._guard = Guard(self._work)
        self._runner = make_runner(recipe, self._work, self._guard)
        self._runner.prepare()

    def serve(self) -> None:
        """Answer requests until one of them ends the kernel."""
        self._wire.publish("status", {"execution_state": "starting"}, None)
        control = threading.Thread(target=self._serve_control)
        control.start()
        threading.Thread(target=self._watch_parent, daemon=True).start()
        while request := self._wire.receive(self._wire.shell):
            self._serve_one(self._wire.shell, request)
        control.join()
        self._guard.dismiss()
        self._wire.close()

    def _serve_control(self) -> None:
        """Answer what must not wait until a cell is done."""
        while request := self._wire.receive(self._wire.control):
            self._serve_one(self._wire.control, request)

    def _watch_parent(self) -> None:
        """End with the server: one that was killed tells nobody, and what its kernels run would go on."""
        while os.getppid() == self._parent:
            time.sleep(_LOOK_FOR_PARENT_EVERY_S)
        self._is_over = True
        self._guard.dismiss()
        self._wire.finish()

    def _serve_one(self, socket: Any, request: Request) -> None:  # noqa: ANN401 - either of the wire's
        message = request[1]
        answer = getattr(self, f"_answer_{message['header']['msg_type'].removesuffix('_request')}", None)
        self._wire.publish("status", {"execution_state": "busy"}, message)
        content = answer(request) if answer else None
        has_failed = content is not None and content["status"] == "error"
        # Before the reply: what is sent after it is meant to run.
        behind = self._waiting() if has_failed and message["content"].get("stop_on_error", True) else []
        if content is not None:
            self._wire.reply(socket, request, content)
        self._wire.publish("status", {"execution_state": "idle"}, message)
        for other in behind:
            if other[1]["header"]["msg_type"] == "execute_request":
                self._abort(other)
            else:
                self._serve_one(socket, other)
        if self._is_over:
            self._wire.finish()

    def _waiting(self) -> list[Request]:
        found = []
        while request := self._wire.receive_now(self._wire.shell):
            found.append(request)
        return found

    def _abort(self, request: Request) -> None:
        """Do not run a cell that waited behind one that failed."""
        self._wire.publish("status", {"execution_state": "busy"}, request[1])
        self._wire.reply(self._wire.shell, request, {"status": "aborted", "execution_count": self._count})
        self._wire.publish("status", {"execution_state": "idle"}, request[1])

    def _answer_kernel_info(self, _: Request) -> Message:
        recipe = self._recipe
        return {
            "status": "ok",
            "protocol_version": _PROTOCOL,
            "implementation": "lectern",
            "implementation_version": "1",
            "banner": f"{recipe.name} in Lectern's kernel",
            "help_links": [],
            "language_info": {
                "name": recipe.language,
                "version": "",
                "mimetype": recipe.mimetype,
                "file_extension": recipe.extension,
                "codemirror_mode": recipe.codemirror,
                "pygments_lexer": recipe.pygments,
            },
        }

    def _answer_execute(self, request: Request) -> Message:
        asked = request[1]["content"]
        code, is_silent = asked["code"], asked.get("silent", False)

        def send(kind: str, content: Message) -> None:
            if not is_silent:
                self._wire.publish(kind, content, request[1])

        if not is_silent and asked.get("store_history", True):
            self._count += 1
        send("execute_input", {"code": code, "execution_count": self._count})
        self._request = request
        failure = self._run(code, Screen(send, hidden=f"{self._work}/")) if code.strip() else None
        if failure is None:
            ok = {"status": "ok", "execution_count": self._count}
            return {**ok, "payload": [], "user_expressions": {}}
        trace = failure.trace.replace(f"{self._work}/", "").splitlines()
        headline = f"{failure.name}: {failure.message}"
        content = {"ename": failure.name, "evalue": failure.message, "traceback": [headline, *trace]}
        send("error", content)
        return {"status": "error", "execution_count": self._count, **content}

    def _run(self, code: str, screen: Screen) -> Failure | None:
        self._interrupts = 0
        try:
            failure = self._runner.run(code, screen, self)
        except OSError as problem:
            failure = Failure(type(problem).__name__, str(problem))
        screen.show_pictures(self._work / "pictures")
        return failure

    def _answer_is_complete(self, request: Request) -> Message:
        if is_complete(request[1]["content"]["code"], self._recipe.syntax):
            return {"status": "complete"}
        return {"status": "incomplete", "indent": ""}

    def _answer_complete(self, request: Request) -> Message:
        at = request[1]["content"]["cursor_pos"]
        return {"status": "ok", "matches": [], "cursor_start": at, "cursor_end": at, "metadata": {}}

    def _answer_inspect(self, _: Request) -> Message:
        return {"status": "ok", "found": False, "data": {}, "metadata": {}}

    def _answer_history(self, _: Request) -> Message:
        return {"status": "ok", "history": []}

    def _answer_comm_info(self, _: Request) -> Message:
        return {"status": "ok", "comms": {}}

    def _answer_shutdown(self, request: Request) -> Message:
        """End all programs: by the guard, as this runs beside the cell that may be under way."""
        self._is_over = True
        self._guard.dismiss()
        done = {"status": "ok", "restart": request[1]["content"].get("restart", False)}
        self._wire.publish("shutdown_reply", done, request[1])
        return done

    def wants_to_interrupt(self) -> bool:
        """Say, once for each time, that the cell is to be stopped."""
        wanted, self._interrupts = self._interrupts > 0, 0
        return wanted

    def answer(self) -> str | None:
        """Ask the participant for a line; None when nobody can be asked.

        Raises
        ------
        KeyboardInterrupt
            The cell was interrupted instead.
        """
        request = self._request
        if request is None or not request[1]["content"].get("allow_stdin", False):
            return None
        self._wire.ask(request)
        while (line := self._wire.answered(_LOOK_EVERY_S)) is None:
            if self._is_over:
                return None
            if self.wants_to_interrupt():
                raise KeyboardInterrupt
        return None if line == _END_OF_FILE else line

    def _count_interrupt(self, *_: object) -> None:
        self._interrupts += 1
