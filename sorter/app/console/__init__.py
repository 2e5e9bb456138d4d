"""The operators' console: a process of its own that follows a run's journal and pulse, and leaves orders."""
