"""Model files: how they are read, and the guard that every expression in them passes first."""
