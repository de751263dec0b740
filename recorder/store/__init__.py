"""The record on disk: SQLite behind one writer and a set of queries. Nothing outside this room touches SQLite.

Writing: `database.open_writer`, `writer.Writer`, with the values of `rows`. Reading: `database.open_reader`, `queries`,
which gives the values of `results`.
"""
