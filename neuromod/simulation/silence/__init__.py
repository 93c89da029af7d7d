"""Time in which nothing fires, passed at once: arrays of a program in, arrays of a program out."""
