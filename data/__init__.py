"""What is stored and how it is asked for: settings, lake, store, queries and references."""
