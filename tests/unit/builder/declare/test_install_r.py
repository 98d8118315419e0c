import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lectern.builder.declare.files import Text
from lectern.builder.declare.install_r import read_install_r
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError
from tests.support.refusals import tried


def _read(content):
    return read_install_r(Text("install.R", content))


def _names(content):
    return [item.name + item.version for item in _read(content).packages]


_IPAK = """ipak <- function(pkg) {
  new <- pkg[!(pkg %in% installed.packages()[, "Package"])]
  if (length(new)) install.packages(new, dependencies = TRUE)
  sapply(pkg, require, character.only = TRUE)
}
"""


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('install.packages("dplyr")', ["dplyr"]),
        ("install.packages('dplyr', repos = \"https://cloud.r-project.org\")", ["dplyr"]),
        ('install.packages(c("dplyr", "data.table"), dependencies = TRUE)', ["dplyr", "data.table"]),
        ('utils::install.packages(pkgs = c("dplyr"))', ["dplyr"]),
        ('install.packages(\n  c(\n    "dplyr", # verbs\n    "zoo"\n  )\n)', ["dplyr", "zoo"]),
        ('packages <- c("dplyr", "zoo")\ninstall.packages(packages)', ["dplyr", "zoo"]),
        ('packages = c("dplyr")\nmore <- c(packages, "zoo")\ninstall.packages(more)', ["dplyr", "zoo"]),
        (
            'a <- c("dplyr")\nb <- a[!(a %in% installed.packages()[,"Package"])]\ninstall.packages(b)',
            ["dplyr"],
        ),
        ('a <- NULL\na <- c(a, "dplyr")\na <- append(a, "zoo")\ninstall.packages(a)', ["dplyr", "zoo"]),
        ('a <- c("dplyr")\ninstall.packages(setdiff(a, rownames(installed.packages())))', ["dplyr"]),
        ('a <- c("dplyr")\ninstall.packages(a[!(a %in% installed.packages()[, c("Package")])])', ["dplyr"]),
        ('install.packages(unique(c(x = "dplyr", if (n > 1) "zoo")), quiet = TRUE)', ["dplyr", "zoo"]),
        ('a <- list(cran = c("dplyr"), n = 1)\ninstall.packages(unlist(a$cran))', ["dplyr"]),
        ('a <- c("dplyr")\ninstall.packages(Filter(function(p) !requireNamespace(p), a))', ["dplyr"]),
        ('for (p in c("dplyr", "zoo")) install.packages(p)', ["dplyr", "zoo"]),
        ('ps <- c("dplyr")\nfor (p in ps) {\n  if (!require(p)) install.packages(p)\n}', ["dplyr"]),
        ('lapply(c("dplyr", "zoo"), install.packages)', ["dplyr", "zoo"]),
        ('f <- function() {\n  x <- c("dplyr")\n  install.packages(x)\n}\nf()', ["dplyr"]),
        ('x <- c("aa", "zoo")\nsapply(x, function(p) if (!require(p)) install.packages(p))', ["aa", "zoo"]),
        ('purrr::walk(c("zoo"), \\(p) {\n  install.packages(p)\n})', ["zoo"]),
        (_IPAK + 'all <- c("dplyr", "zoo")\nipak(all)', ["dplyr", "zoo"]),
        (_IPAK + 'ipak("dplyr")\nlapply(c("zoo"), ipak)', ["dplyr", "zoo"]),
        (_IPAK, []),
        ('pacman::p_load(dplyr, "zoo", install = TRUE)', ["dplyr", "zoo"]),
        ('x <- c("dplyr")\nlibrary(pacman)\np_load(char = x, character.only = TRUE)', ["dplyr"]),
        ('BiocManager::install(c("limma"))', ["limma"]),
        ('BiocManager::install(version = "3.20")\ninstall.packages("zoo")', ["zoo"]),
        ('remotes::install_version("dplyr", version = "1.1.0")', ["dplyr==1.1.0"]),
        ('devtools::install_version("dplyr", "1.1.0")', ["dplyr==1.1.0"]),
        ('pak::pak(c("dplyr@1.1.0", "bioc::limma", "zoo"))', ["dplyr==1.1.0", "limma", "zoo"]),
        ('pak::pkg_install("dplyr")', ["dplyr"]),
        ('remotes::install_cran("dplyr")', ["dplyr"]),
        ('library(pak)\npak("dplyr@1.1.0")\npkg_install(c("zoo"))', ["dplyr==1.1.0", "zoo"]),
        ('suppressMessages(library("BiocManager"))\ninstall(c("limma"))', ["limma"]),
        ('require(renv)\nlibrary(dplyr)\nlapply(c("zoo"), install)', ["zoo"]),
        ('utils:::install.packages("dplyr")\npak:::pak("zoo")', ["dplyr", "zoo"]),
        ('remotes:::install_version("dplyr", "1.1.0")', ["dplyr==1.1.0"]),
        ('# install.packages("no")\ninstall.packages("dplyr") # "no"', ["dplyr"]),
        ('library(no)\nrequire("no")\nprint("install.packages(no)")\ninstall.packages("dplyr")', ["dplyr"]),
        ('install.packages("dplyr")\ninstall.packages("zoo")\ninstall.packages("dplyr")', ["dplyr", "zoo"]),
        ('install.packages("dplyr")\npak::pak("dplyr@1.1.0")', ["dplyr==1.1.0"]),
        ('options(repos = c(CRAN = "https://cloud.r-project.org"))\ninstall.packages("dplyr")', ["dplyr"]),
    ],
)
def test_what_a_script_installs_is_read(content, names):
    read = _read(content)

    assert [item.name + item.version for item in read.packages] == names
    assert read.notices == ()


def test_a_name_knows_its_line_in_the_list():
    read = _read('x <- c(\n  "dplyr",\n  "zoo"\n)\ninstall.packages(x)\n')

    assert read.packages == (Item("dplyr", "", "install.R:2"), Item("zoo", "", "install.R:3"))


@pytest.mark.parametrize("content", ["", "# nothing\n", "f(x = )\n", "x <-", "library(dplyr)\n", "x <- 1\n"])
def test_a_script_that_installs_nothing_asks_for_nothing(content):
    assert _read(content).packages == ()


def test_names_that_stand_alone_are_told_to_do_nothing_and_what_to_write_is_too():
    (notice,) = _read('# for R\ntidyverse\ndata.table\n"here"\n').notices

    assert notice == (
        "install.R: installs nothing: names alone do nothing in R, so write "
        '`install.packages(c("tidyverse", "data.table", "here"))`'
    )


@pytest.mark.parametrize("content", ["library(dplyr)\n", "x <- 1", "f(\n  a\n)\n"])
def test_a_script_without_an_installer_is_told_to_install_nothing(content):
    (notice,) = _read(content).notices

    assert notice == 'install.R: installs nothing: write `install.packages(c("dplyr", "ggplot2"))`'


@pytest.mark.parametrize(
    "content", ["", "# nothing\n\n", ";", "BiocManager::install()", "IRkernel::installspec()\n", _IPAK]
)
def test_an_empty_script_and_an_installer_without_names_are_no_concern(content):
    assert _read(content).notices == ()


def test_a_function_that_installs_is_refused_where_it_is_given_computed_names():
    with pytest.raises(DeclarationError, match="`ipak` is given names that are computed") as caught:
        _read(_IPAK + "\nipak(x)\n")

    assert caught.value.where == "install.R:7"


def test_what_is_not_done_is_told_once():
    content = 'system("apt-get install x")\ninstall.packages("zoo", repos="https://r.example.org")\nx::install_y()\n'

    (notice,) = _read(content).notices

    assert notice.startswith(
        "install.R: only what it installs is read; not done: `system` (line 1), `repos` (line 2)"
    )
    assert notice.endswith(", `x::install_y` (line 3)")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('\nremotes::install_github("o/r")', "`remotes::install_github` installs what no index pins down"),
        ('\ndevtools::install_github("o/r")', "no index"),
        ('\ninstall_github("o/r")', "no index"),
        ('\ndevtools::install_git("https://x.org/r")', "no index"),
        ('\npacman::p_load_gh("o/r")', "no index"),
        ("\npacman::p_load(char = x)", "computed"),
        ("\nrenv::restore()", "no index"),
        ("library(renv)\nrestore()", "no index"),
        ('\nremotes:::install_github("o/r")', "no index"),
        ('\npak::pak("o/r")', "on no index"),
        ('\npak::pak("github::o/r")', "on no index"),
        ("\ninstall.packages(x)", "computed"),
        ('\ninstall.packages(readLines("x.txt"))', "computed"),
        ('\nc("zoo") |> install.packages()', "computed"),
        ('\nc("zoo") %>% lapply(install.packages)', "computed"),
        ('\ndo.call(install.packages, list("zoo"))', "computed"),
        ('\ninstall.packages(paste0("a", "b"))', "computed"),
        ('\ninstall.packages(c("aa", paste0("b", "c")))', "computed"),
        ('x <- c("aa", readLines("x.txt"))\ninstall.packages(x)', "computed"),
        ('x <- c("aa")\ninstall.packages(paste0("r", x))', "computed"),
        ('x <- c("aa")\ninstall.packages(unique(sub("a", "b", x)))', "computed"),
        ('\ninstall.packages(c("aa", more))', "computed"),
        ('x <- c("aa", f())\nlapply(x, install.packages)', "computed"),
        ('x <- c("aa", f())\ninstall.packages(setdiff(x, y))', "computed"),
        ('\ninstall.packages("https://x.org/a.tar.gz", repos = NULL)', "on no index"),
        ('\ninstall.packages("a; rm -rf /")', "on no index"),
        ('\ninstall.packages("$(id)")', "no name"),
        ('\ninstall.packages("a\\"b")', "no name"),
        ('\ninstall.packages("-x")', "no name"),
        ('\ndevtools::install_version("dplyr")', "no version"),
        ('\ndevtools::install_version("dplyr", version = v)', "no version"),
        ('\ndevtools::install_version("dplyr", "$(id)")', "no name"),
        ("\ninstall.packages(", "no partner"),
        ("\n)", "no partner"),
        ('\nx <- c("a"]', "no partner"),
        ("\n" + "(" * 100, "nested"),
    ],
)
def test_what_cannot_be_locked_is_refused_with_file_and_line(content, what):
    with pytest.raises(DeclarationError) as caught:
        _read(content)

    assert caught.value.where == "install.R:2"
    assert what in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize(
    "content", ["a=" * 100_000, "a<-c(" * 40 + ")" * 40 + "\n", "f(a,b);" * 30_000, '"' * 99_999]
)
def test_a_long_script_takes_no_long_time(content):
    assert _read(content).packages == ()


#: What scripts are made of: any order of these must be read or refused.
_PIECES = [
    *("for", "in", "if", "function", "lapply", "c", "list", "setdiff", "x", "pkgs", "version", "repos"),
    *("install.packages", "install_version", "pak::pak", "library", "pak", "utils:::install.packages"),
    *("(", ")", "[", "]", "{", "}", "(in)", ",", ";", "\n", "=", "<-", "$", "|>", '"aa"', '""', "1"),
]
#: Pieces with brackets that have their partners, which random ones seldom have.
_BRACKETED = st.recursive(
    st.lists(st.sampled_from(_PIECES).filter(lambda piece: not set(piece) & set("()[]{}")), max_size=4),
    lambda inner: st.tuples(inner, st.sampled_from(["()", "[]", "{}"]), inner, inner).map(
        lambda parts: [*parts[0], parts[1][0], *parts[2], parts[1][1], *parts[3]]
    ),
    max_leaves=20,
)


@given(
    st.text()
    | st.text(alphabet="install.packages()\"'c,=<-[]{}\n #x")
    | st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join)
    | _BRACKETED.map(" ".join)
)
@example("for ((in)) x")
def test_any_text_is_read_or_refused(text):
    read, refusal = tried(_read, text)

    assert read or refusal.hint
