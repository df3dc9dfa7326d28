"""One home for each piece of knowledge about text: words, languages, agencies."""
