"""What we know: requests, journal, cases, reports. No browser is imported here."""
