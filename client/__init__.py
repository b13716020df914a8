"""The commands of this platform: clients of its APIs."""
