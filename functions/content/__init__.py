"""The function group `content`: from outline to book. Handlers are thin; the modules beside them know no Lambda."""
