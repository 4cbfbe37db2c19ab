"""The council planning register: the Atrium platform, councils as data."""
