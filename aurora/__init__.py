"""The `aurora` command: what a person types to run, use and look after the platform."""
