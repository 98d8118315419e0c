"""Try each language that the command line names, as a participant would; print what happened as JSON.

Runs inside an environment's image, in the server's own Python; the data lie beside the kernel.
"""

import json
import pathlib
import sys
import threading
import time
import tomllib

from jupyter_client.manager import start_new_kernel

DATA = pathlib.Path("/opt/lectern-kernel")
CELL_S = 120


class Kernel:
    def __init__(self, name):
        self.manager, self.client = start_new_kernel(kernel_name=name, startup_timeout=CELL_S)

    def run(self, code, interrupt_after_s=None, answer=None):
        """Run a cell; give its status and all that it showed."""
        shown = []

        def keep(message):
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "busy" and interrupt_after_s is not None:
                threading.Timer(interrupt_after_s, self.manager.interrupt_kernel).start()
            elif kind == "stream":
                shown.append(content["text"])
            elif kind == "error":
                shown.append("\n".join([content["ename"], content["evalue"], *content["traceback"]]))
            elif kind in {"execute_result", "display_data"}:
                shown.extend(map(str, content["data"].values()))

        began = time.monotonic()
        reply = self.client.execute_interactive(
            code,
            timeout=CELL_S,
            output_hook=keep,
            allow_stdin=answer is not None,
            stdin_hook=lambda _: self.client.input(answer),
        )
        return {
            "status": reply["content"]["status"],
            "name": reply["content"].get("ename", ""),
            "shown": "".join(shown)[-3000:],
            "s": round(time.monotonic() - began, 2),
        }

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def attempt(name):
    data = tomllib.loads((DATA / f"{name}.toml").read_text())
    began = time.monotonic()
    kernel = Kernel(data.get("ready_made", {}).get("kernelspec", name))
    done = {"ready_s": round(time.monotonic() - began, 2)}
    try:
        done["hello"] = kernel.run(data["hello"]["code"])
        if state := data.get("state"):
            kernel.run(state["first"])
            done["state"] = kernel.run(state["second"])
        if asks := data.get("input"):
            done["input"] = kernel.run(asks["code"], answer=asks["prints"].split()[-1])
            if quiet := asks.get("quiet"):
                done["quiet"] = kernel.run(quiet)
            # Nobody to be asked: it must end, and the next cell must run.
            done["unanswered"] = kernel.run(asks["code"])
            done["answered"] = kernel.run(asks["code"], answer=asks["prints"].split()[-1])
        done["error"] = kernel.run(data["error"]["code"])
        if endless := data.get("endless"):
            done["endless"] = kernel.run(endless["code"], interrupt_after_s=endless.get("after_s", 1))
            done["after"] = kernel.run(data["hello"]["code"])
            if state and data.get("kernel", {}).get("mode") != "run":
                done["kept"] = kernel.run(state["second"])
    finally:
        kernel.close()
    return done


results = {}
for name in sys.argv[1:]:
    try:
        results[name] = attempt(name)
    except Exception as problem:  # noqa: BLE001 - told, whatever it is; the next language is tried
        results[name] = {"failed": f"{type(problem).__name__}: {problem}"}
    print(json.dumps({name: results[name]}), flush=True)
