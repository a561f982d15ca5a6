"""What Serviweb allows and what it saves; no page, session or fault is known here."""
