"""The hub's line as integer recursions: the same rules, plan tables and instants as the closed loop."""
