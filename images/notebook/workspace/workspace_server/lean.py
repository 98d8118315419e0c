"""Leave out of the server's start what a participant's server never uses.

JupyterHub's single-user server imports the hub's database layer for one empty class, and JupyterLab an HTTP
client for an extension manager that nobody here may use. With nbdime (lazy_extensions) that is half of the
processor time of a start, and a class starts at once. The stand-ins are taken away after the imports; whoever
asks later gets the real module.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Module -> the classes that an import takes from it for isinstance or except: an empty one serves.
STAND_INS: dict[str, tuple[str, ...]] = {
    "jupyterhub.handlers": (),
    "jupyterhub.handlers.pages": ("HealthCheckHandler",),
    "jupyterhub.orm": (),
    "jupyterhub.roles": (),
    "jupyterlab.extensions.pypi": ("PyPIExtensionManager",),
    "requests": (),
    "sqlalchemy": (),
    "sqlalchemy.exc": ("SQLAlchemyError",),
}


class _Later(ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def lean_imports() -> Iterator[None]:
    """Import within this what a server needs, without what it never uses."""
    for name, classes in STAND_INS.items():
        module = _Later(name)
        for known in classes:
            setattr(module, known, type(known, (Exception,), {}))
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in STAND_INS:
            del sys.modules[name]
