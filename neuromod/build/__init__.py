"""From the structure of a program to Brian2 objects. With `program.generate` and `program.runtime`, the only
users of Brian2.
"""
