"""The function group `course_api`: the API of courses."""
