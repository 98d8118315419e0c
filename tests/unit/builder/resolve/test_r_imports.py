import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.r_imports import imports_of, imports_of_repo
from lectern.builder.resolve.r_version import is_package_name

package_names = st.from_regex(r"[A-Za-z][A-Za-z0-9.]{3,8}[A-Za-z0-9]", fullmatch=True).filter(
    lambda name: (
        name.lower() not in {"splines", "compiler", "datasets", "graphics", "grdevices", "methods"}
        and name.lower() not in {"parallel", "stats4", "tcltk", "tools", "utils", "stats"}
    )
)
USES = ["library({})", "library('{}')", 'require("{}")', "{}::f(1)", "{}:::g", 'requireNamespace("{}")']


def _notebook(language, *sources):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"metadata": {"kernelspec": {"name": "k", "language": language}}, "cells": cells})


@pytest.mark.parametrize(
    "code",
    [
        "library(dplyr)",
        'library("dplyr")',
        "library( 'dplyr' , quietly = TRUE)",
        "library(package = dplyr)",
        "suppressPackageStartupMessages(library(dplyr))",
        "if (!require(dplyr)) stop()",
        "x <- dplyr::filter(y)",
        "`dplyr`::filter(y)",
        "dplyr:::internal",
        'requireNamespace("dplyr", quietly = TRUE)',
        "loadNamespace('dplyr')",
        'a <- "it\'s"; library(dplyr) # library(other)',
        'r"(library(other))"; library(dplyr)',
        "cat('# no comment'); library(dplyr)",
    ],
)
def test_a_use_of_a_package_is_found(code):
    assert imports_of("a.R", code) == {"dplyr"}


@pytest.mark.parametrize(
    "code",
    [
        "# library(dplyr)",
        "x <- 'library(dplyr)'",
        "library(name, character.only = TRUE)",
        "library(paste0('d', 'plyr'))",
        "requireNamespace(name)",
        "library()",
        "library(",
        "library(help = dplyr)",
        "library(stats); methods::slot",
        'R"---(dplyr::filter)---"',
        "library <- 3",
    ],
)
def test_what_is_no_use_of_a_package_is_not(code):
    assert imports_of("a.R", code) == frozenset()


def test_only_the_r_chunks_of_a_document_count():
    text = (
        "---\ntitle: library(no1)\n---\nText library(no2).\n```{r setup, echo=FALSE}\nlibrary(one)\n```\n"
        "```{python}\nlibrary(no3)\n```\n```r\nlibrary(no4)\n```\n> ```{r}\n> two::f()\n> ```\n"
        "The mean is `r three::mean(x)`.\n````{r}\nlibrary(four)"
    )

    assert imports_of("lesson.Rmd", text) == {"one", "two", "three", "four"}
    assert imports_of("lesson.qmd", text) == {"one", "two", "three", "four"}


def test_only_notebooks_in_r_count():
    assert imports_of("a.ipynb", _notebook("R", ["library(one)\n", "x"], "two::f")) == {"one", "two"}
    assert imports_of("a.ipynb", _notebook("python", "library(one)")) == frozenset()


def test_a_file_of_another_kind_is_not_read():
    assert imports_of("a.py", "library(dplyr)") == frozenset()


@given(st.lists(st.tuples(package_names, st.sampled_from(USES)), max_size=6))
def test_every_package_that_is_used_is_found(uses):
    code = "\n".join(form.format(name) for name, form in uses)

    expected = {name for name, _ in uses}

    assert imports_of("a.R", code) == expected
    assert imports_of("a.Rmd", f"# Lesson\n\n```{{r}}\n{code}\n```\n") == expected
    assert imports_of("a.ipynb", _notebook("R", code)) == expected


@given(package_names, st.text(alphabet="abc ()#'\n", max_size=20))
def test_no_string_or_comment_adds_a_package(name, text):
    quoted = json.dumps(f"{text} library({name}) ")

    assert imports_of("a.R", f"x <- {quoted} # library({name})") == frozenset()


@given(st.sampled_from(["a.R", "a.Rmd", "a.qmd", "a.ipynb"]), st.text() | st.text("library(x):'\"`{}r\n#-"))
def test_any_text_is_read(name, text):
    assert all(is_package_name(found) for found in imports_of(name, text))


@given(
    st.recursive(
        st.none() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["metadata", "kernelspec", "language", "cells", "cell_type", "source"]), inner
            )
        ),
    )
)
def test_any_json_is_read_as_a_notebook(value):
    imports_of("a.ipynb", json.dumps(value))


def test_a_repo_is_read_without_its_links_and_hidden_folders(tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "one.R").write_text("library(one)")
    (tmp_path / "two.ipynb").write_text(_notebook("R", "library(two)"))
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "old.ipynb").write_text(_notebook("R", "library(no1)"))
    (tmp_path / "link.R").symlink_to("/etc/passwd")

    assert imports_of_repo(tmp_path) == {"one", "two"}
