"""Let %pip say in a notebook what `pip` says in a terminal."""

# ruff: noqa: INP001 - IPython runs it
from IPython import get_ipython

get_ipython().register_magic_function(lambda line: get_ipython().system(f"pip {line}"), magic_name="pip")
