"""What this platform consists of: its catalogue, and its workflow."""
