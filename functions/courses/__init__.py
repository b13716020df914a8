"""Courses: events, records, paths, and what of a course is stored."""
