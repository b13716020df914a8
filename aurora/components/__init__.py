"""Pulumi components, one in each file."""
