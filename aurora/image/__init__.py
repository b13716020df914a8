"""How a group's image comes to be, from its source digest to a registry."""
