"""Where the hook and the `lectern env` command find the service."""

from pathlib import Path

#: On a tmpfs of the container: only who is inside reaches it.
SOCKET = Path("/run/lectern/builder.sock")
