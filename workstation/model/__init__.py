"""Cases, the worklist and priors as frozen values."""
