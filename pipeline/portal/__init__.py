"""The pages inside the Airflow UI: they list the digests and show one, and never write."""
