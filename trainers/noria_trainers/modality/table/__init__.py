"""Tables: rows with typed columns, also of clicks."""
