"""The function group `labs`: from outline to lab book. Handlers are thin; the modules beside them know no Lambda."""
