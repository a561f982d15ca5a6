"""What touches pages: maps, session, wire gate, evidence, papers, run. No database is imported here."""
