"""The wire: messages, limits, connections, HTTP, workers, and the command line."""
