"""Each folder of tests/repos must fail with its expected-error.txt; UPDATE=1 writes these anew."""

import os
import re
from pathlib import Path

import pytest

from lectern.builder.declaration import read_declaration
from lectern.errors import DeclarationError

REPOS = sorted(path for path in (Path(__file__).parents[2] / "repos").iterdir() if path.is_dir())


@pytest.mark.parametrize("repo", REPOS, ids=lambda repo: repo.name)
def test_a_repo_that_cannot_be_used_is_refused_as_expected(repo):
    with pytest.raises(DeclarationError) as caught:
        read_declaration(repo)

    expected = repo / "expected-error.txt"
    text = f"error: {caught.value}\n"
    if os.environ.get("UPDATE") == "1":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert re.fullmatch(r"error: [\w./-]+(:\d+)?: [^\n]+\nhint: [^\n]+\n", text)
