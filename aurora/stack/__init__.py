"""A stack as one finds it: its config, settings, state and account."""
