"""The code that runs inside Lambda functions: `common` is shared, every other package is one function group.

Nothing here knows how it is deployed: no import of `infra` or `aurora`, and no group imports another.
"""
