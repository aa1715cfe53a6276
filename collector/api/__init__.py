"""The query API: one function a user's question. The dashboard, the CLI and scripts see no SQL."""
