"""A small real web application that imitates Serviweb, for the demo and the tests; it imports nothing of ours."""
