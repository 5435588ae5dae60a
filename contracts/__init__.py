"""The public documents, OpenAPI and AsyncAPI, made from the tables and models of the code."""
