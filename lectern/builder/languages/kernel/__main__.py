"""Run the kernel of a language: NAME -f CONNECTION_FILE."""

from __future__ import annotations

import argparse
from pathlib import Path

from .kernel import LanguageKernel
from .recipe import read_recipe
from .wire import Wire

LANGUAGES = Path(__file__).absolute().parent.parent

parser = argparse.ArgumentParser()
parser.add_argument("language")
parser.add_argument("-f", dest="connection_file", type=Path, required=True)
asked = parser.parse_args()
LanguageKernel(read_recipe(LANGUAGES / f"{asked.language}.toml"), Wire(asked.connection_file)).serve()
