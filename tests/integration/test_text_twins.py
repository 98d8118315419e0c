"""A notebook's text twin is in its own language."""

import pytest

from tests.support.notebook_image import serving
from tests.support.step_image import notebook_image


@pytest.fixture(scope="module")
def server():
    with serving(notebook_image()) as one:
        yield one


def _saved(server, name: str, metadata: dict, source: str) -> set[str]:
    cell = {"id": "one", "cell_type": "code", "metadata": {}, "source": source} | {
        "outputs": [],
        "execution_count": None,
    }
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}
    answer = server.http.put(f"/api/contents/{name}.ipynb", json={"type": "notebook", "content": content})
    assert answer.status_code == 201, answer.text
    files = {entry["name"] for entry in server.http.get("/api/contents").json()["content"]}
    return {file for file in files if file.startswith(f"{name}.")}


@pytest.mark.parametrize(
    ("kernel", "language", "extension", "twin"),
    [
        ("python3", "python", ".py", ".py"),
        ("ir", "R", ".r", ".R"),
        ("julia-1.11", "julia", ".jl", ".jl"),
        ("bash", "bash", ".sh", ".sh"),
        ("octave", "octave", ".m", ".m"),
        ("deno", "typescript", ".ts", ".ts"),
        ("scala", "scala", ".scala", ".scala"),
    ],
)
def test_each_language_has_its_own_kind_of_twin(server, kernel, language, extension, twin):
    metadata = {
        "kernelspec": {"name": kernel, "display_name": language, "language": language},
        "language_info": {"name": language, "file_extension": extension},
    }

    assert _saved(server, f"run-{kernel}", metadata, "x") == {f"run-{kernel}.ipynb", f"run-{kernel}{twin}"}


@pytest.mark.parametrize(
    ("kernel", "language", "twin"), [("python3", "python", ".py"), ("ir", "R", ".R"), ("bash", "bash", ".sh")]
)
def test_a_notebook_that_never_ran_has_one_too(server, kernel, language, twin):
    metadata = {"kernelspec": {"name": kernel, "display_name": language, "language": language}}

    names = _saved(server, f"new-{kernel}", metadata, "x")

    assert names == {f"new-{kernel}.ipynb", f"new-{kernel}{twin}"}


def test_a_notebook_of_an_unknown_language_is_saved(server):
    metadata = {
        "kernelspec": {"name": "odd", "display_name": "Odd", "language": "oddlang"},
        "language_info": {"name": "oddlang", "file_extension": ".odd"},
    }

    assert _saved(server, "odd", metadata, "x") == {"odd.ipynb"}


def test_a_kernels_own_extension_does_not_hide_a_known_language(server):
    metadata = {
        "kernelspec": {"name": "lectern-lua", "display_name": "Lua", "language": "lua"},
        "language_info": {"name": "lua", "file_extension": ".txt"},
    }

    assert _saved(server, "own", metadata, "x") == {"own.ipynb", "own.lua"}
