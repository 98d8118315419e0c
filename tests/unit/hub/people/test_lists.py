"""Lists of people as teachers have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub import accounts
from lectern.hub.people.lists import ListError, name_accounts, read_list
from lectern.hub.roles import Role


def _accounts(text, taken=()):
    return [one.account for one in name_accounts(read_list(text.encode()), taken=taken, protected={"chef"})]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfName,E-Mail\r\nAda Lovelace,ada@uni.example\r\n",
        b"name;email;role\nAda Lovelace;ada@uni.example;participant\n",
        b"Vorname\tNachname\tE-Mail\nAda\tLovelace\tada@uni.example\n",
        b"Ada Lovelace,ada@uni.example\n\n",
        b'"Ada Lovelace";"ada@uni.example"',
    ],
    ids=["byte order mark", "semicolons", "tabs and two names", "no header", "quotes"],
)
def test_a_list_is_read_however_it_was_saved(data):
    (person,) = read_list(data)

    assert (person.name, person.email, person.role) == ("Ada Lovelace", "ada@uni.example", Role.PARTICIPANT)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_first_line_may_be_a_name_alone(separator):
    text = f"Jürgen Müller\nAda{separator}ada@uni.example{separator}helper\n"

    juergen, ada = read_list(text.encode())

    assert (juergen.name, juergen.role) == ("Jürgen Müller", Role.PARTICIPANT)
    assert (ada.name, ada.email, ada.role) == ("Ada", "ada@uni.example", Role.HELPER)


def test_under_a_header_of_one_column_a_comma_is_part_of_a_name():
    assert [one.name for one in read_list(b"Name\nLovelace, Ada\n")] == ["Lovelace, Ada"]


def test_excel_s_own_letters_are_read():
    assert read_list("Müller".encode("cp1252"))[0].name == "Müller"


def test_every_bad_line_is_told_and_nothing_is_taken():
    lines = (
        "Ada,ada@x.example,",
        ",nobody@x.example,",
        "Bob,no address,",
        "Eve,,owner",
        "ada,ada@x.example,",
    )
    text = "\n".join(["name,email,role", *lines])

    with pytest.raises(ListError) as caught:
        read_list(text.encode())

    assert [str(problem).split(":")[0] for problem in caught.value.problems] == [
        "Line 3",
        "Line 4",
        "Line 5",
        "Line 6",
    ]


@pytest.mark.parametrize("data", [b"", b"\n \n", b"email\nada@x.example", b"name\n", b"x" * 1_100_000])
def test_a_list_without_people_is_told(data):
    with pytest.raises(ListError):
        read_list(data)


def test_five_thousand_people_fit_and_one_more_does_not():
    names = [f"Person Number{number}" for number in range(5001)]

    assert len(set(_accounts("\n".join(names[:5000])))) == 5000
    with pytest.raises(ListError, match="5001"):
        read_list("\n".join(names).encode())


@pytest.mark.parametrize(
    ("line", "account"),
    [
        ("Jürgen Müller", "juergen-mueller"),
        ("Łukasz Żółw", "lukasz-zolw"),
        ("李雷,li.lei@uni.example", "li-lei"),
        ("李雷", "person-1"),
        ("O'Neill", "o-neill"),
        ("Bo", "person-1"),
    ],
)
def test_a_name_becomes_an_account_s(line, account):
    assert _accounts(line) == [account]


def test_an_account_that_exists_is_never_given_away():
    assert _accounts("Ada\nBob", taken={"ada"}) == ["ada-2", "bob"]


@pytest.mark.parametrize("name", ["Admin", "ａｄｍｉｎ", "C-h-e-f", "R00t"])  # noqa: RUF001
def test_nobody_gets_a_name_that_looks_like_the_system_s(name):
    with pytest.raises(ListError, match="reserved"):
        _accounts(name)


@given(st.lists(st.text(max_size=40), max_size=30))
def test_whatever_is_pasted_gives_different_safe_accounts_or_sentences(lines):
    text = "\n".join(lines)
    try:
        made = _accounts(text.encode("utf-8", "replace").decode(), taken={"ada"})
    except ListError:
        return

    assert len(set(made)) == len(made)
    for account in made:
        accounts.check_name(account, protected=())
        assert account != "ada"
