"""Compare Serviweb with its map, read only (`serviweb selectores revisar`)."""
