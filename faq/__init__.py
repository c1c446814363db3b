"""The knowledge base and the matcher. Imports nothing else of ours."""
