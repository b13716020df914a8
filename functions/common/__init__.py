"""What every function group shares: errors, settings, AWS clients, object layout, records, API and logging helpers."""
