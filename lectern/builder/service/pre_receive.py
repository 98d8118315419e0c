"""The hook's program: hands a push to the service and shows what it says. Starts fast: no library.

Ends when the service has decided; when it is ended itself, the service notices and cancels the build.
"""

import json
import socket
import sys


def main() -> int:
    """Hand on the push; the exit status accepts or refuses it."""
    path, push, quarantine, objects, alternates = sys.argv[1:]
    body = json.dumps(
        {
            "push": push,
            "quarantine": quarantine,
            "objects": objects,
            "alternates": alternates,
            "updates": sys.stdin.buffer.read().decode("utf-8", "surrogateescape"),
        }
    ).encode()
    try:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        # HTTP/1.0: the answer is a plain stream of lines that ends with the connection.
        connection.sendall(b"POST /push HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        answer = connection.makefile("rb")
        while answer.readline().strip():
            pass  # the headers
        for line in answer:
            said = json.loads(line)
            if "say" in said:
                sys.stderr.buffer.write(f"{said['say']}\n".encode())
                sys.stderr.buffer.flush()
            else:
                return 0 if said.get("result") else 1
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"error: the builder went away ({problem})\n")
    sys.stderr.write("hint: nothing was accepted: push again in a minute\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
