"""Declaration → Lock: which resolver answers which part. The lock of an unchanged declaration is used again."""

from __future__ import annotations

import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lectern.builder import languages as catalogue
from lectern.builder.declare.items import Requirement
from lectern.builder.lock import Lock, fingerprint, read_lock
from lectern.builder.resolve.conda import Asked, conda_platform, lock_conda, match_spec
from lectern.builder.resolve.cran import lock_r
from lectern.builder.resolve.debian import find_lists, read_archive
from lectern.builder.resolve.debian_lock import lock_debian
from lectern.builder.resolve.exports import is_export, refuse_export
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.imports import imported_modules, loaded_libraries
from lectern.builder.resolve.julia import lock_julia
from lectern.builder.resolve.pip_on_conda import lock_pip
from lectern.builder.resolve.python_lock import lock_requirements
from lectern.builder.resolve.r_lock import RLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lectern.builder.declaration import Declaration
    from lectern.builder.languages import Language
    from lectern.builder.resolve.debian import Debian
    from lectern.settings import Settings
