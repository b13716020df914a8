"""What other interpreters run, each file by itself: nothing here imports aurora."""
