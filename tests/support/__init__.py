"""What several tests and benches use: a server of pages, a terminal, rows of a desk, labelled cases."""
