"""What every function needs: the part of the engine that images hold."""
