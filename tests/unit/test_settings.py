import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.errors import SettingError
from lectern.settings import MEMORY_FLOOR_BYTES, Settings, parse_memory, parse_size, read_settings

UNITS = {
    "M": 1 << 20,
    "MB": 1 << 20,
    "MiB": 1 << 20,
    "G": 1 << 30,
    "GB": 1 << 30,
    "gib": 1 << 30,
    "t": 1 << 40,
}

BAD = {
    "PROJECT": ["Has Capitals", "-x", "a_b", "x" * 60],
    "PORT": ["0", "80000", "eighty"],
    "ADDRESS": ["lectern.example", "ftp://x", "http://x/path"],
    "ADMIN": ["Admin", "a", "a b"],
    "ENVIRONMENT": ["../x", "A"],
    "PARTICIPANTS": ["0", "many"],
    "MEMORY": ["much", "4 XB", "-1 GB", "1 MB"],
    "STARTS_AT_ONCE": ["0", "65"],
    "START_TIMEOUT_S": ["1", "soon"],
}


@given(st.integers(1024, 1 << 16), st.sampled_from(sorted(UNITS)), st.sampled_from(["", " ", "  "]))
def test_a_size_is_number_times_unit(number, unit, blank):
    assert parse_size(f"{number}{blank}{unit}") == number * UNITS[unit]


@pytest.mark.parametrize("text", ["9" * 400, "9" * 400 + " GB"])
def test_a_size_beyond_numbers_is_refused(text):
    with pytest.raises(ValueError, match="no machine has so much"):
        parse_size(text)


@given(st.integers(MEMORY_FLOOR_BYTES, 1 << 44))
def test_bytes_are_read_as_they_are_written(size):
    assert parse_memory(str(size)) == size


@given(st.text(max_size=20))
def test_any_text_is_a_size_above_the_floor_or_an_error(text):
    try:
        size = parse_memory(text)
    except ValueError:
        return
    assert size >= MEMORY_FLOOR_BYTES


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in BAD for value in BAD[name]])
def test_a_bad_value_names_its_variable_and_value(monkeypatch, name, value):
    monkeypatch.setenv(f"LECTERN_{name}", value)

    with pytest.raises(SettingError) as caught:
        read_settings()

    assert caught.value.where == f"LECTERN_{name}={value!r}"
    assert ".env" in caught.value.hint


def test_an_empty_variable_is_the_default(monkeypatch):
    monkeypatch.setenv("LECTERN_MEMORY", "")

    assert read_settings().memory == 4 << 30


def test_every_setting_tells_what_it_is_for():
    assert all(field.description for field in Settings.model_fields.values())


def test_a_secret_is_read_without_its_line_end(tmp_path):
    (tmp_path / "token").write_text("abc\n")

    assert read_settings(secrets=tmp_path).secret("token") == "abc"


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_missing_or_empty_secret_names_its_file(tmp_path, content):
    if content is not None:
        (tmp_path / "token").write_text(content)

    with pytest.raises(SettingError) as caught:
        read_settings(secrets=tmp_path).secret("token")

    assert caught.value.where == str(tmp_path / "token")
