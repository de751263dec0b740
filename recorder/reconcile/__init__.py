"""The record against what others counted: the client's transcripts, a provider's list of usage."""
