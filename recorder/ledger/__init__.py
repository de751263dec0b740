"""The ledger's own arithmetic: canonical bytes of a record, its leaf hash, the kinds of records. Pure."""
