"""Pixels to reads; knows nothing of parcels, plans or machines.

Nothing is imported here: who only hears what decoders say must not load what computes.
"""
