"""The code that runs inside Lambda functions: rooms that are shared, and a package for each function group.

Nothing here knows how it is deployed: no import of `infra`, of `aurora` its `runtime` alone, and no
group imports another.
"""
