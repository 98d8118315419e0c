"""JupyterHub's configuration: settings → configure → the site's own conf.d/*.py, nothing else."""

import sys
from pathlib import Path

from lectern.errors import LecternError
from lectern.hub.configure import configure
from lectern.settings import read_settings

c = get_config()
sys.path.append(str(Path(__file__).parent / "conf.d"))  # LECTERN_LOGIN may name a class of the site's own

try:
    configure(c, read_settings())
except LecternError as problem:
    # A traceback would hide the sentence; the exit status keeps the service from looking healthy.
    sys.exit(f"error: {problem}")

for site in sorted(Path(__file__).parent.glob("conf.d/*.py")):
    exec(compile(site.read_text(encoding="utf-8"), site, "exec"))  # noqa: S102 - the operator's own files
