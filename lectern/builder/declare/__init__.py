"""Readers of an environment repo's files: one module for each kind of file. They run nothing."""
