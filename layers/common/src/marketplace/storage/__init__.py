"""The only modules that know DynamoDB."""
