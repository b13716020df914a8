"""The group hello."""
