"""The API: an application of its own under `/api`, described by OpenAPI, for programs with a token."""
