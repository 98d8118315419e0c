"""Run the kernel of the language that the first argument names."""

from __future__ import annotations

import sys
from pathlib import Path

from ipykernel.kernelapp import IPKernelApp

from .kernel import LanguageKernel
from .recipe import read_recipe

LANGUAGES = Path(__file__).absolute().parent.parent

language = sys.argv.pop(1)
LanguageKernel.recipe = read_recipe(LANGUAGES / f"{language}.toml")
IPKernelApp.launch_instance(kernel_class=LanguageKernel)
