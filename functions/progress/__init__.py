"""An execution's units: what became of each."""
