"""The part of the engine that images hold and functions use."""
