"""The function group `content`: from an outline to lessons and their book."""
