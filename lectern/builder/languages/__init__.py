"""The languages that an environment can ask for; one file of data for each."""
