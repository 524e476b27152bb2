"""Documents: receipts as PDF, for whichever door hands them out."""
