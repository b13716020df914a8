"""Existing stacks: config, settings, state, outputs and account."""
