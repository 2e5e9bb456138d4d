"""The reference line v1: one definition, four engines that agree bit for bit."""
