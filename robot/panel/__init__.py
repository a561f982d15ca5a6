"""The web panel: advisors run cases, supervisors review them."""
