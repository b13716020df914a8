"""The function group `course_api`: the API of courses. Handlers are thin; the modules beside them know no Lambda."""
