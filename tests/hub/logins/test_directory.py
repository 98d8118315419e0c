"""LDAP, against Debian's slapd over TLS, and a directory that says nothing."""

import asyncio
import socket
import threading
import time

import httpx
import ldap3
import pytest

from lectern.hub.logins.directory import Directory
from lectern.hub.logins.visit import ProviderDownError
from tests.peers.directory import GROUPS, PEOPLE, SEARCHER, SEARCHER_PASSWORD
from tests.support.login_hub import Browser

PAGE = "/hub/ldap/login"


@pytest.fixture
def directory(slapd):
    return Directory(
        title="The directory",
        url=slapd.url,
        base=PEOPLE,
        group_base=GROUPS,
        bind_dn=SEARCHER,
        bind_password=SEARCHER_PASSWORD,
        ca_file=str(slapd.ca_file),
    )


def _typed(name, password):
    return {"username": name, "password": password}


@pytest.mark.parametrize("typed", ["ada", "ADA", " ada "])
def test_name_and_password_open(hub, browser, typed):
    answer = browser.log_in(typed, "ada-secret", PAGE)

    assert answer.status_code == 302, answer.text
    assert browser.name() == "ada"
    assert hub.groups("ada") == {"course-data-literacy", "instructors-data-literacy"}


def test_a_wrong_password_is_told_on_the_form(browser):
    answer = browser.log_in("ada", "wrong", PAGE)

    assert answer.status_code == 403
    assert "Invalid username or password" in answer.text
    assert 'action="/hub/ldap/login' in answer.text


@pytest.mark.parametrize(
    ("page", "title"), [(PAGE, "your institution"), ("/hub/campus/login", "Campus card")]
)
def test_the_form_is_in_the_readers_language(browser, page, title):
    browser.http.headers["Accept-Language"] = "de"

    form = browser.http.get(page).text
    refused = browser.log_in("ada", "wrong", page).text

    assert f"<h1>Anmelden mit {title}</h1>" in form
    assert all(f">{label}</label>" in form for label in ("Name", "Passwort"))
    assert 'value="Anmelden"' in form
    assert "btn-jupyter" not in form
    assert "Name oder Passwort stimmt nicht." in refused


def test_a_script_that_guesses_has_to_wait(browser):
    answers = [browser.log_in("eve", f"guess-{n}", PAGE) for n in range(7)]

    assert answers[0].status_code == 403
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_somebody_in_no_allowed_group_is_refused(browser):
    assert browser.log_in("bob", "bob-secret", PAGE).status_code == 403
    assert browser.name() is None


def test_whoever_leaves_the_group_is_out_at_the_next_refresh(hub, browser, slapd, at_the_next_refresh):
    everybody = [f"uid=ada,{PEOPLE}", f"cn=Müller\\, Jürgen (ext),{PEOPLE}"]
    browser.log_in("ada", "ada-secret", PAGE)
    slapd.set_members("students", "member", everybody[1:])
    try:
        at_the_next_refresh()

        assert not browser.is_logged_in()
        assert hub.groups("ada") == set()
    finally:
        slapd.set_members("students", "member", everybody)


def test_a_directory_that_is_away_throws_nobody_out(hub, browser, slapd, at_the_next_refresh):
    browser.log_in("ada", "ada-secret", PAGE)
    slapd.stop()
    try:
        at_the_next_refresh()

        assert browser.is_logged_in()
        assert browser.log_in("bob", "bob-secret", PAGE).status_code in (302, 503)
        stranger = type(browser)(hub.url)
        answer = stranger.log_in("ada", "ada-secret", PAGE)
        assert answer.status_code == 503
        assert "does not answer" in answer.text
    finally:
        slapd.start()


def test_a_directory_that_is_away_makes_nobody_wait_when_it_is_back(hub, slapd):
    slapd.stop()
    try:
        answers = [Browser(hub.url).log_in("ada", "ada-secret", PAGE).status_code for _ in range(12)]
    finally:
        slapd.start()

    assert answers == [503] * 12
    assert Browser(hub.url).log_in("ada", "ada-secret", PAGE).status_code == 302


@pytest.mark.parametrize(
    ("name", "password"),
    [
        *((name, "ada-secret") for name in ("*", "a*", "ada)(uid=*", "ada)(|(uid=*", "ada\x00")),
        *(("ada", ""), ("ada", " "), ("", "x"), ("\x00", "x"), ("x" * 5000, "x")),
    ],
)
async def test_nothing_that_one_types_becomes_a_question_of_its_own(directory, name, password):
    assert await directory.visit(None, _typed(name, password)) is None


async def test_a_name_with_comma_brackets_and_umlauts_works(directory):
    visit = await directory.visit(None, _typed("juergen", "juergen-secret"))

    assert visit.person.groups == {"students"}
    assert "Jürgen" in visit.state["dn"]


async def test_the_stable_id_is_not_the_name(directory):
    visit = await directory.visit(None, _typed("ada", "ada-secret"))

    assert visit.person.subject.count("-") == 4  # entryUUID


async def test_a_certificate_of_somebody_else_is_refused(directory):
    directory.ca_file = ""  # the system's: our own authority is not among them

    with pytest.raises(ProviderDownError, match="does not answer"):
        await directory.visit(None, _typed("ada", "ada-secret"))


async def test_a_plain_address_turns_to_tls_first(directory, slapd):
    directory.url = slapd.start_tls_url

    assert (await directory.visit(None, _typed("ada", "ada-secret"))).person.name == "ada"

    directory.ca_file = ""
    with pytest.raises(ProviderDownError, match="does not answer"):
        await directory.visit(None, _typed("ada", "ada-secret"))


async def test_a_wrong_account_of_ours_is_not_taken_for_a_wrong_password(directory):
    directory.bind_password = "wrong"

    with pytest.raises(ProviderDownError, match="own account"):
        await directory.visit(None, _typed("ada", "ada-secret"))


@pytest.fixture
def silent_port():
    listening = socket.create_server(("127.0.0.1", 0))
    held = []
    threading.Thread(target=lambda: _hold(listening, held), daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()
    for connection in held:
        connection.close()


def _hold(listening, held):
    while True:
        try:
            held.append(listening.accept()[0])
        except OSError:
            return


async def test_sixty_who_come_at_once_are_all_let_in(directory, monkeypatch):
    # Each takes its time, as a directory behind a network does.
    bind = ldap3.Connection.bind
    monkeypatch.setattr(ldap3.Connection, "bind", lambda *how, **more: time.sleep(0.15) or bind(*how, **more))

    visits = await asyncio.gather(*(directory.visit(None, _typed("ada", "ada-secret")) for _ in range(60)))

    assert {visit.person.name for visit in visits} == {"ada"}


async def test_whoever_finds_no_free_thread_in_time_is_told(directory, silent_port, monkeypatch):
    monkeypatch.setattr("lectern.hub.logins.directory._TURN_S", 0.2)
    directory.url = f"ldaps://127.0.0.1:{silent_port}"
    held = [asyncio.create_task(directory.visit(None, _typed("ada", "x"))) for _ in range(8)]
    await asyncio.sleep(0)

    with pytest.raises(ProviderDownError) as told:
        await directory.visit(None, _typed("ada", "x"))

    assert told.value.hint == "all threads are waiting"
    await asyncio.gather(*held, return_exceptions=True)


async def test_a_silent_directory_leaves_the_event_loop_free(directory, silent_port):
    directory.url = f"ldaps://127.0.0.1:{silent_port}"
    visits = [directory.visit(None, _typed("ada", "x")) for _ in range(12)]
    gathered = asyncio.gather(*visits, return_exceptions=True)
    turns = 0
    while not gathered.done():
        await asyncio.sleep(0.01)
        turns += 1

    answers = await gathered

    assert all(isinstance(answer, ProviderDownError) for answer in answers)
    assert turns > 100  # the loop went round all the while


def test_the_hub_answers_while_the_directory_is_silent(hub, browser, slapd):
    # slapd stopped as a debugger would: the connection is taken and nothing is ever said.
    slapd.freeze()
    try:
        waiting = threading.Thread(target=lambda: browser.log_in("ada", "ada-secret", PAGE), daemon=True)
        waiting.start()
        time.sleep(0.5)
        assert waiting.is_alive()

        assert httpx.get(f"{hub.url}/hub/health", timeout=2).status_code == 200

        assert waiting.is_alive()  # it was answered in between
    finally:
        slapd.thaw()
        waiting.join(20)
