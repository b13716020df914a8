"""A course outline: reading one from YAML, and what follows from it (batches, word targets, file names).

Needs PyYAML alone and no third-party model library: API functions that import it must start fast. Knows no storage.
Nothing is imported here: who wants a limit or an id does not pay for reading YAML.
"""
