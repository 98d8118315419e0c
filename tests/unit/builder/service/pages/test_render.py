"""The pages' templates: what others wrote is escaped, and all is there in German."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.manifest import Change
from lectern.builder.releases import ReleaseHere
from lectern.builder.service import addresses
from lectern.builder.service.access import Person, require_edit
from lectern.builder.service.builds import Build, Request
from lectern.builder.service.mirrors import Mirror
from lectern.builder.service.pages.listing import Row
from lectern.builder.service.pages.shown import Told, render, told
from lectern.builder.service.repos import Commit
from lectern.errors import AccessError, BuildError
from lectern.release import Publication, Release

EVIL = "<script>alert(1)</script>\"'"
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ADA = Person(EVIL, is_admin=True)
COMMIT = "a" * 40


def release(commit=COMMIT, publication=None, identity="b" * 64, tag=""):
    made = Release("stats", commit, identity, "base", "r", ("python3",), (EVIL,), NOW, "passed", EVIL, EVIL)
    return ReleaseHere(made, tag or commit, publication, 3_000_000_000)


def build(state="running"):
    async def nothing(_folder):
        pass

    made = Build(7, Request("stats", COMMIT, EVIL, EVIL, is_to_publish=True), NOW, nothing, state)
    made.log.append(EVIL)
    return made


PUBLISHED = release(publication=Publication(EVIL, NOW))
#: The same commit, of before it was built with newer packages.
OF_OLD = release(identity="e" * 64, tag=f"{COMMIT}-{'e' * 12}")
PAGES = {
    "list.html": {"rows": [Row("stats", PUBLISHED, 2, build()), Row("empty", None, 0, None)]},
    "new.html": {
        "typed": dict.fromkeys(("name", "source", "url", "course", "every_hours"), EVIL),
        "error": Told((EVIL,), "en"),
        "examples": ["minimal-python"],
        "empty": "empty",
        "courses": [EVIL],
    },
    "environment.html": {
        "name": "stats",
        "clone": "http://lectern/services/environments/stats.git",
        "branch": "main",
        "branches": ["main", EVIL],
        "published": PUBLISHED,
        "commits": [Commit(COMMIT, EVIL, NOW, EVIL), Commit("c" * 40, EVIL, NOW, EVIL)],
        "by_commit": {COMMIT: [OF_OLD, PUBLISHED]},
        "elsewhere": [release("d" * 40)],
        "here": [OF_OLD, PUBLISHED, release("d" * 40)],
        "logs": {COMMIT},
        "builds": [build("failed")],
        "files": ["environment.yml"],
        "new_files": ["apt.txt"],
        "mirror": Mirror(EVIL, 24, NOW),
        "courses": [EVIL],
        "preview": partial(addresses.preview, EVIL, "stats"),
    },
    "build.html": {
        "name": "stats",
        "build": build(),
        "error": Told((EVIL,), "en"),
        "changes": [{"name": EVIL, "before": EVIL, "after": ""}],
        "path": EVIL,
        "preview": addresses.preview(EVIL, "stats", COMMIT),
    },
    "edit.html": {
        "name": "stats",
        "path": EVIL,
        "branch": EVIL,
        "base": COMMIT,
        "text": f"</textarea>{EVIL}",
        "subject": EVIL,
        "error": Told((EVIL,), "en"),
        "is_main": True,
    },
    "delete.html": {"name": "stats", "error": Told((EVIL,), "en")},
    "packages.html": {"name": "stats", "tag": COMMIT, "lists": [("python", {EVIL: EVIL})]},
    "diff.html": {
        "name": "stats",
        "before": COMMIT,
        "after": COMMIT,
        "changes": [Change("python", EVIL, "1", "2")],
    },
    "log.html": {"name": "stats", "commit": COMMIT, "lines": [EVIL]},
    "problem.html": {"status": 403, "error": Told((EVIL,), "en")},
}


def page(name, language="en"):
    return render(name, language, person=ADA, xsrf="token", **PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_what_others_wrote_is_escaped(name):
    text = page(name)

    assert "<script>alert" not in text
    assert text.count("</textarea>") <= 1


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_a_language_and_labels(name):
    text = page(name)

    assert text.count("<h1") == 1
    assert '<html lang="en">' in text
    for field in re.findall(r"<(?:input|select|textarea)[^>]* id=\"([a-z_]+)\"", text):
        assert f'<label for="{field}"' in text


@pytest.mark.parametrize("name", PAGES)
def test_each_change_is_posted_with_a_token(name):
    for form in re.findall(r"<form method=\"post\".*?</form>", page(name), re.DOTALL):
        assert 'name="_xsrf" value="token"' in form


@pytest.mark.parametrize("name", PAGES)
def test_a_page_speaks_german_to_who_asks_for_it(name):
    text = page(name, "de-AT,de;q=0.9")

    assert '<html lang="de">' in text
    assert "Zum Inhalt springen" in text


def _title(text):
    return re.search(r"<title>(.*?)</title>", text, re.DOTALL)[1]


def test_a_page_is_told_by_its_title_among_many_tabs():
    titles = {name: _title(page(name)) for name in PAGES}

    assert titles.pop("list.html") == "Environments · Lectern"
    assert len({*titles.values(), "Environments · Lectern"}) == len(PAGES)
    for name in ("build.html", "delete.html", "diff.html", "edit.html", "log.html", "packages.html"):
        assert "stats" in titles[name]


@pytest.mark.parametrize("name", ["build.html", "delete.html", "diff.html", "log.html", "packages.html"])
def test_a_title_is_in_the_readers_language(name):
    assert _title(page(name, "de")) != _title(page(name))


def test_an_older_release_is_one_button_from_being_published():
    text = page("environment.html")

    assert 'action="/services/environments/stats/publish"' in text
    assert f'name="commit" value="{"d" * 40}"' in text


def test_two_releases_of_one_commit_are_told_apart_and_each_is_reached_by_its_tag():
    text = page("environment.html")

    assert f'name="commit" value="{OF_OLD.tag}"' in text
    assert f"release={OF_OLD.tag}" in text
    for one in (OF_OLD, PUBLISHED):
        assert f"/stats/packages/{one.tag}" in text
        assert f"<code>{one.release.identity[:7]}</code>" in text
        assert text.count(f'<option value="{one.tag}">') == 2


def test_a_build_that_has_made_a_preview_leads_to_that_release():
    preview = addresses.preview("ada", "stats", OF_OLD.tag)
    values = PAGES["build.html"] | {"build": build("done"), "preview": preview}

    text = render("build.html", "en", person=ADA, xsrf="token", **values)

    assert f'<a href="/hub/spawn/ada/preview?environment=stats&amp;release={OF_OLD.tag}">' in text


def test_an_environment_without_a_commit_offers_to_begin_one():
    empty = {key: [] for key in ("branches", "commits", "elsewhere", "here", "builds", "files")}
    values = PAGES["environment.html"] | empty | {"published": None, "by_commit": {}, "logs": set()}

    text = render("environment.html", "en", person=ADA, xsrf="token", **values)

    assert "There is no commit yet" in text
    assert '<form action="/services/environments/stats/edit"' in text
    assert "<table" not in text
    assert "Rebuild" not in text


def test_all_times_are_in_utc_and_say_so():
    in_new_york = NOW.astimezone(timezone(timedelta(hours=-5)))
    values = PAGES["environment.html"] | {"commits": [Commit(COMMIT, "ada", in_new_york, "Add a package")]}

    text = render("environment.html", "en", person=ADA, xsrf="token", **values)

    assert "2026-11-25 03:00" not in text
    assert text.count("2026-11-25 08:00 UTC") == text.count("2026-11-25 ")
    assert re.search(r"<option value=\"\w+\">\w+ 2026-11-25 08:00 UTC</option>", text)


GERMAN = "de-AT,de;q=0.9"


def test_an_error_of_the_pages_is_told_in_the_readers_language():
    with pytest.raises(AccessError) as caught:
        require_edit(Person("bob", groups=frozenset({"instructors-bio"})), "stats", ())

    assert told(caught.value, GERMAN).language == "de"
    assert told(caught.value, GERMAN).lines[0] == "bob: Sie dürfen die Umgebung stats nicht ändern"
    assert told(caught.value, "en") == Told(
        ("bob: you may not change the environment stats", "an admin can"), "en"
    )


def test_what_a_build_says_stays_english_and_is_read_as_that():
    problem = BuildError("no package `{pandsa}`", where="requirements.txt:1", hint="did you mean `pandas`?")

    text = render(
        "edit.html", GERMAN, person=ADA, xsrf="x", **PAGES["edit.html"] | {"error": told(problem, GERMAN)}
    )

    assert '<html lang="de">' in text
    assert '<pre lang="en">requirements.txt:1: no package `{pandsa}`' in text


@given(value=st.text())
def test_what_people_typed_is_no_format_of_ours(value):
    problem = AccessError("you may not create environments for {course}", where=value, course=value)

    assert problem.what == f"you may not create environments for {value}"
    assert told(problem, GERMAN).language == "de"
