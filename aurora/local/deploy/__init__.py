"""What the program declares, made in the embedded AWS."""
