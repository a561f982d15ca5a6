"""The documented procedure SC-PQRS-PRO-011 as straight-line flows, one per screen sequence."""
