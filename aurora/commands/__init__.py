"""The `aurora` command: one module for each command or family of commands."""
