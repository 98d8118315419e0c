"""Environment repos, as tests write them."""

import pytest

from lectern.builder.declaration import read_declaration
from lectern.errors import DeclarationError


def write_repo(folder, files):
    """Write texts and bytes by path; a value that starts with `-> ` is a link's target."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.startswith("-> "):
            path.symlink_to(content.removeprefix("-> "))
        else:
            path.write_text(content, encoding="utf-8")
    return folder


def refusal_of(repo):
    """Give the error for a repo that must be refused; it always says what to do."""
    with pytest.raises(DeclarationError) as caught:
        read_declaration(repo)
    assert caught.value.hint
    assert caught.value.where
    return caught.value
