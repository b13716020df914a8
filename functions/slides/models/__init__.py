"""Image models, one module a protocol. What each may raise, and when, is told by `functions.models`."""
