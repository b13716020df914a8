"""Scripts for other interpreters, which run each file by itself: nothing here imports aurora."""
