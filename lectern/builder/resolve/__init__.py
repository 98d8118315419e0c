"""Declaration → Lock: what exactly will be installed."""
