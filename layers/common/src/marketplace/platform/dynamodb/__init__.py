"""DynamoDB: records, conditional writes, transactions, reads."""
