"""`wirewatch run`: Postgres, Airflow and the recorded web on one machine, started, shown and stopped together."""
