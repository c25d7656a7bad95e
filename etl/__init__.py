"""What fills the lake: feeds, their runner and its schedule, and the simulated city."""
