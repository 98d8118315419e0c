#!/bin/sh
# The `lectern` command inside the hub and the builder.
exec python -m lectern.cli "$@"
