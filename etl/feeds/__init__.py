"""One module a feed; the file's name is the feed's name. `discover()` in `etl.feed` walks them."""
