"""What runs and what is told: actors, supervision, the broadcaster. No wire format."""
