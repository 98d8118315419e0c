"""What operators read about settings is what the code does."""

from pathlib import Path

from lectern import settings_reference

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_is_fresh():
    assert (ROOT / ".env.example").read_text() == settings_reference.env_example(), "run `make settings`"


def test_the_reference_is_fresh():
    assert (ROOT / "docs/reference/settings.md").read_text() == settings_reference.markdown(), (
        "run `make settings`"
    )
