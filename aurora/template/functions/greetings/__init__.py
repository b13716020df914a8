"""The group greetings."""
