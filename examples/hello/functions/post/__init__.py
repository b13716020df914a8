"""The group post."""
