"""How long the catalogue takes to answer."""
