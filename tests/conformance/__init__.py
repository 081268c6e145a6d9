"""Whether the wire keeps to RFC 6455 and RFC 7692: an echo server, and cases that are put to it."""
