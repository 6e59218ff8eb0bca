"""Texts: files of one each, in a folder per class, or a column of a file's rows."""
