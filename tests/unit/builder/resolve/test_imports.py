import json

from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.imports import _modules, imported_modules


def _notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})


def test_modules_of_scripts_notebooks_and_pages_are_found(tmp_path):
    (tmp_path / "own.py").write_text(
        "import numpy.linalg as la, os\nfrom . import x\nfrom pandas.api import y\n"
    )
    (tmp_path / "a.ipynb").write_text(
        _notebook("%matplotlib inline\nimport seaborn as sns, scipy\n", "import own")
    )
    (tmp_path / "b.md").write_text(
        "```{code-cell} ipython3\nimport sklearn\n```\n```bash\nimport nothing\n```\n"
    )
    (tmp_path / "broken.ipynb").write_text("{")

    assert imported_modules(tmp_path) == {"numpy", "pandas", "seaborn", "scipy", "sklearn"}


def test_a_link_to_outside_is_not_followed(tmp_path):
    (tmp_path / "secret.py").write_text("import numpy")
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.py").symlink_to(tmp_path / "secret.py")

    assert imported_modules(tmp_path / "repo") == frozenset()


@given(st.text())
def test_no_source_breaks_the_reader(source):
    assert all(name for name in _modules(source))
