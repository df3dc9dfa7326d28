"""One home for each piece of knowledge about text: words, folding, languages, dates, charsets, phrases, bylines."""
