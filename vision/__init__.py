"""Pixels to reads; knows nothing of parcels, plans or machines."""

from vision.decode import Reader

__all__ = ["Reader"]
