"""The simulated city: an HTTP server that stands in for Jakarta's feeds, in their real formats."""
