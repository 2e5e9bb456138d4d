"""A seeded world of faults around the real controller, PLC program, mailboxes and journal."""
