"""State machine definitions, built in Python and checked before they are deployed."""
