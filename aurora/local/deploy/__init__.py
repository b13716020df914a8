"""Deploys the program to the embedded AWS."""
