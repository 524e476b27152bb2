"""A way out: facts become entries per subscriber, entries become signed batches, batches are posted and retried."""
