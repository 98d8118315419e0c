"""PyTorch's wheels for processors: on an index of their own, a fraction of the size of PyPI's."""

from __future__ import annotations

import requests

#: What PyPI has only with libraries for graphics cards. That index has more, in older releases than PyPI's.
NAMES = ("torch", "torchvision", "torchaudio")
_TIMEOUT_S = 4


def find_pages(index: str) -> tuple[str, ...]:
    """Give the addresses that list wheels for processors, as far as the index answers.

    Pages instead of the index: a second index would be asked for every package there is.
    """
    first, *others = (f"{index}/{name}/" for name in NAMES)
    # One that is away is waited for once.
    if not index or not _answers(first):
        return ()
    return (first, *(page for page in others if _answers(page)))


def said_of_silence(index: str) -> str:
    """Say what it means that the index does not answer."""
    return (
        f"PyTorch's index {index} does not answer: PyPI's wheels are taken, which bring some GB of "
        "libraries for graphics cards"
    )


def _answers(address: str) -> bool:
    try:
        with requests.get(address, timeout=_TIMEOUT_S, stream=True) as answer:
            return answer.ok
    except requests.RequestException:
        return False
