"""The governor's brief: sentences that are bound to data, their editions, and the page of paper."""
