"""What people read about commands is what the commands say themselves."""

from pathlib import Path

from lectern import commands_reference

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_fresh():
    assert (ROOT / "docs/reference/commands.md").read_text() == commands_reference.markdown(), (
        "run `make settings`"
    )


def test_every_command_says_what_it_is_for():
    assert [words for words, command in commands_reference.commands().items() if not command.help] == []
