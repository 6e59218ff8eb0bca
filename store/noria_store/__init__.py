"""Objects by URI: S3, folders and https, with one set of rules for errors, limits and digests.

Knows `noria.contract` only.
"""
