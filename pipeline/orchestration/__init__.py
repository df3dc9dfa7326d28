"""What the DAG files share: assets, retry policy, the review operator and the backfill's timetable.

Beside ``dags/`` and ``portal/`` the only place that imports Airflow; a DAG file cannot import its neighbour.
"""
