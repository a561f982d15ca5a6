"""The database of cases: queue, state, history and proof at once, on SQLite or PostgreSQL (docs/decisiones.md)."""
