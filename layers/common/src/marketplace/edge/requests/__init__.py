"""What clients may send, one module per audience: importing one builds only the models that it holds."""
