"""The `aurora` command: one module a command or family of them."""
