"""Studies: replications, intervals, sweeps and comparisons of any model."""
