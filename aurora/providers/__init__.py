"""Dynamic resources, one in each file.

Stacks keep module paths and class names in their state: never rename either.
"""
