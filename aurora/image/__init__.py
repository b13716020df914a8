"""A group's image: source digest, build, copy and registry."""
