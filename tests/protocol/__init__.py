"""Each row of the protocol, through an independent client and a real server."""
