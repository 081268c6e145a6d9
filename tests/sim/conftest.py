"""How the properties of the simulation are tried out."""

from hypothesis import settings

# A machine that is busy with other things is no reason for a property to fail.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
