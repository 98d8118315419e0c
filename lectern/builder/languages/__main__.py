"""Start a language's kernel from a plain copy of this folder: python FOLDER NAME -f CONNECTION_FILE."""

import runpy

runpy.run_module("kernel", run_name="__main__", alter_sys=True)
