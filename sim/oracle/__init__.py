"""Judges a torture world's history by the promises; shares no code with the product (an import contract)."""
