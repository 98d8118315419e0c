"""Lectern: one identical programming environment for a course, in the browser, in minutes."""
