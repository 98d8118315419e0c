"""Notebooks are paired with text by default, and a participant's own word counts more."""

import pytest

NOTEBOOK = {
    "type": "notebook",
    "format": "json",
    "content": {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python", "language": "python"},
            "language_info": {"name": "python", "file_extension": ".py"},
        },
        "cells": [
            {
                "id": "one",
                "cell_type": "code",
                "metadata": {},
                "source": "6 * 7",
                "outputs": [],
                "execution_count": None,
            }
        ],
    },
}


@pytest.fixture(scope="module")
def ada(stack):
    with stack.at_work("text") as someone:
        yield someone


def _save(someone, name):
    answer = someone.request("PUT", f"{someone.home_url}api/contents/{name}", json=NOTEBOOK)
    assert answer.status_code in (200, 201), answer.text
    listed = someone.request("GET", f"{someone.home_url}api/contents/").json()["content"]
    return {entry["name"] for entry in listed}


def test_a_saved_notebook_has_its_text_beside_it_unless_the_participant_says_otherwise(ada):
    assert {"first.ipynb", "first.py"} <= _save(ada, "first.ipynb")
    text = ada.request("GET", f"{ada.home_url}api/contents/first.py?type=file").json()["content"]
    assert "# %%" in text

    ada.write_file("jupytext.toml", 'formats = "ipynb"\n')

    names = _save(ada, "second.ipynb")
    assert "second.ipynb" in names
    assert "second.py" not in names
