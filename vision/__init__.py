"""Pixels to reads; knows nothing of parcels, plans or machines."""
