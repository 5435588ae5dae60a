"""What Lambda's runtime asks of a function: logs, metrics, snapshots, memory."""
