"""Courses: run options, events, records, paths, status, and what of a course is stored."""
