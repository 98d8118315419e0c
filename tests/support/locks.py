"""Locks small and large, for tests of what is made of them."""

from dataclasses import replace

from lectern.builder.lock import Lock
from lectern.builder.resolve.julia import Archive, JuliaLock
from lectern.builder.resolve.python_lock import PythonLock
from lectern.builder.resolve.r_lock import CranPackage, RLock

BASE = "lectern/notebook:test"
PYTHON = PythonLock("3.13", "numpy==2.0.0 --hash=sha256:0\n", "", (), needs_torch_index=False)
SMALL = Lock(asked="a", base=BASE, debian=(), python=PYTHON)
WITH_R = replace(SMALL, debian=("r-base-core=4.5.0-3", "r-cran-irkernel=1.3.2-1"))
VISDAT = CranPackage(
    "visdat", "0.6.0", "source", "cran", "src/contrib/visdat_0.6.0.tar.gz", "0" * 64, compiles=False, wave=0
)
JULIA = JuliaLock("1.11.2", (Archive("x86_64", "linux/x64/julia.tar.gz", "1" * 64),), "[deps]\n", "")
EVERYTHING = replace(
    WITH_R,
    python=replace(
        PYTHON, python="3.11", direct="x @ git+https://git.example/x@0f\n", needs_torch_index=True
    ),
    r=RLock(cran=(VISDAT,)),
    julia=JULIA,
    languages=("perl",),
    local=("tools",),
)
