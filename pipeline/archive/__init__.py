"""Web archives: WARC files in, captures served as an archive serves them."""
