"""The shell: the only place that knows everything; nothing imports it."""
