"""The pure rooms: a race as a function of a set of facts and a moment. No I/O, no clock, no chance, no async, no logging."""
