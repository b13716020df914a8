"""The writing of units: the loop over what is due, prompts and metrics."""
