"""Dynamic resources, one a file.

Stacks keep module paths and class names in their state: neither may ever be renamed.
"""
