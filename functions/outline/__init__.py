"""Course outlines: reading one from YAML, its units and batches, word targets.

Nothing is imported here, so that an import of a limit or an id does not load YAML.
"""
