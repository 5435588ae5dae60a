"""Text in the languages of readers: catalogues, folding, cutting, CSV."""
