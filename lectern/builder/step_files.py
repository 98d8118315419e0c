"""The scripts of steps/, which run inside the image: where they lie here."""

from __future__ import annotations

from pathlib import Path

STEPS = Path(__file__).parent / "steps"


def read_step(name: str) -> str:
    """Give the text of a file of steps/."""
    return (STEPS / name).read_text(encoding="utf-8")
