"""The function group `slides`: images and slides. Handlers are thin; the modules beside them know no Lambda."""
