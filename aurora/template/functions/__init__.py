"""The code of the functions: a folder is a group of functions, or a room that groups share."""
