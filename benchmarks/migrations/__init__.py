"""How long writers wait for a migration, before and after djfix, on an embedded PostgreSQL."""
