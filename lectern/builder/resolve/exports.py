"""Files that `conda env export` wrote: found out, and answered with what a person would have written.

An export lists every library of one machine, most of which no other machine has. Its pins are never
resolved; the packages that the material imports are offered instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.resolve.names_table import Kind, find_row, normalised
from lectern.builder.resolve.refusals import Reason, RefusedError

if TYPE_CHECKING:
    from lectern.builder.declaration import Declaration
    from lectern.builder.declare.items import CondaSpec

_MANY = 60
_FEWEST = 15  # Python and what it needs: no export is shorter
_MOSTLY = 0.9
_EXACT = re.compile(r"==?\d[^<>|,*]*")
#: Modules whose package has another name; the others are found by their own.
_PACKAGE_OF = {
    "Bio": "biopython",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv",
    "dateutil": "python-dateutil",
    "netCDF4": "netcdf4",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tables": "pytables",
    "torch": "pytorch",
    "yaml": "pyyaml",
}
_MARKS = {
    "Windows": frozenset(
        {"pywin32", "vs2015-runtime", "vc", "wincertstore", "pywinpty", "ucrt", "m2w64-gcc-libs"}
    ),
    "macOS": frozenset({"appnope", "libcxx", "pyobjc-core", "python-appl"}),
    "Linux": frozenset({"ld-impl-linux-64", "libgcc-ng", "libstdcxx-ng", "ptyprocess"}),
}


def is_export(declaration: Declaration) -> bool:
    """Say whether a list was written by `conda env export` rather than by a person."""
    specs = declaration.conda
    if not specs:
        return False
    exact = sum(bool(_EXACT.fullmatch(spec.version)) for spec in specs) / len(specs)
    builds = sum(bool(spec.build) for spec in specs) / len(specs)
    is_marked = builds > _MOSTLY or bool(declaration.prefix)
    return exact > _MOSTLY and len(specs) >= (_FEWEST if is_marked else _MANY)


def refuse_export(declaration: Declaration, imports: frozenset[str]) -> RefusedError:
    """Say that a list is an export, from which machine, and which entries to keep.

    Parameters
    ----------
    declaration : Declaration
        For which `is_export` is true.
    imports : frozenset[str]
        Modules that the material imports.
    """
    specs = declaration.conda
    first = specs[0].where
    python = next((spec.version for spec in specs if spec.name == "python"), "")
    minor = re.match(r"=*(\d+\.\d+)", python)
    kept = [f"python={minor[1]}"] if minor else []
    kept += [str(_plain(spec)) for spec in _roots(specs, imports)]
    lines = "".join(f"\n  - {entry}" for entry in kept)
    why = "what the material imports" if imports else "what is not a library of something else in it"
    return RefusedError(
        [
            Reason(
                first.partition(":")[0],
                f"is an export of {_platform(declaration)}: {len(specs)} exact versions that fit only there",
                f"keep {why}:\ndependencies:{lines}\n  "
                "or make it anew with `conda env export --from-history`; or choose conda: `resolver: conda` "
                "in lectern.yml",
            )
        ]
    )


def _platform(declaration: Declaration) -> str:
    names = {normalised(spec.name) for spec in declaration.conda}
    for system, marks in _MARKS.items():
        if names & marks:
            return f"a {system} machine"
    return "a Windows machine" if re.match(r"[A-Za-z]:\\", declaration.prefix) else "one machine"


def _roots(specs: tuple[CondaSpec, ...], imports: frozenset[str]) -> list[CondaSpec]:
    """Give the entries that a person would have written."""
    wanted = {normalised(_PACKAGE_OF.get(module, module)) for module in imports}
    if wanted:
        return [spec for spec in specs if normalised(spec.name) in wanted]
    kinds = {Kind.PYPI_SAME, Kind.PYPI_OTHER, Kind.RENAMED, Kind.R_DEBIAN, Kind.R_MISSING}
    return [
        spec for spec in specs if (row := find_row(spec.name)) and row.kind in kinds and spec.name in _COURSE
    ]


#: Packages that people name for their own sake; all others of an export are there for these.
_COURSE = frozenset(
    {
        *("altair", "astropy", "beautifulsoup4", "biopython", "bokeh", "cartopy", "cython", "dask", "fiona"),
        *("folium", "geopandas", "h5py", "jupytext", "keras", "lightgbm", "lxml", "matplotlib", "netcdf4"),
        *(
            "networkx",
            "nltk",
            "numba",
            "numpy",
            "opencv",
            "openpyxl",
            "pandas",
            "pillow",
            "plotly",
            "pyarrow",
        ),
        *("pytables", "pytest", "pytorch", "rasterio", "requests", "scikit-image", "scikit-learn", "scipy"),
        *("seaborn", "shapely", "spacy", "sqlalchemy", "statsmodels", "sympy", "tensorflow", "torchvision"),
        *("tqdm", "xarray", "xgboost", "xlrd", "zarr", "r-tidyverse", "r-ggplot2", "r-dplyr", "r-shiny"),
    }
)


def _plain(spec: CondaSpec) -> str:
    version = re.match(r"==?(\d+(?:\.\d+)?)", spec.version)
    return f"{spec.name}={version[1]}" if version else spec.name
