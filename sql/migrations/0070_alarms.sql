-- Alarms of the house beside those of news: what is measured for them, runs that failed, and one message for many.
CREATE TABLE public.measurements (
    name    text NOT NULL,
    subject text NOT NULL DEFAULT '',
    at      timestamptz NOT NULL,
    value   double precision NOT NULL,
    PRIMARY KEY (name, subject, at)
);
CREATE INDEX measurements_at ON public.measurements (at);
COMMENT ON TABLE public.measurements IS
    'What each look of the alarms measured: disks, queues, workers, who looked, what maintenance found. Maintenance forgets what is older than eight days.';
COMMENT ON COLUMN public.measurements.name IS
    'disk-total and disk-free (bytes), waiting (rows) and oldest (seconds), workers (how many answered), look and woke (1), disagreements (rows).';
COMMENT ON COLUMN public.measurements.subject IS
    'Host and folder of a disk, step of a queue, who looked or woke (deliver or watch), name of a disagreement; empty where there is only one.';
COMMENT ON COLUMN public.measurements.at IS 'When it was measured.';
COMMENT ON COLUMN public.measurements.value IS 'In the unit that its name has.';

CREATE TABLE public.run_failures (
    dag_id text NOT NULL,
    run_id text NOT NULL,
    at     timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (dag_id, run_id)
);
CREATE INDEX run_failures_at ON public.run_failures (at);
COMMENT ON TABLE public.run_failures IS
    'Runs of Airflow that failed for good, of which the desk is told once and then at intervals. Maintenance forgets what is older than eight days.';
COMMENT ON COLUMN public.run_failures.dag_id IS 'The DAG, by Airflow''s name.';
COMMENT ON COLUMN public.run_failures.run_id IS 'The run, by Airflow''s name.';
COMMENT ON COLUMN public.run_failures.at IS 'When we heard that it failed.';
COMMENT ON COLUMN public.run_failures.reason IS 'Why, in Airflow''s words; empty where it gave none.';

CREATE TABLE public.alert_messages (
    delivery_id bigint NOT NULL REFERENCES public.deliveries (id) ON DELETE CASCADE,
    alert_id    bigint NOT NULL REFERENCES public.alerts (id) ON DELETE CASCADE,
    PRIMARY KEY (delivery_id, alert_id)
);
CREATE INDEX alert_messages_alert ON public.alert_messages (alert_id);
COMMENT ON TABLE public.alert_messages IS
    'Alerts that a message tells beside the one that its delivery is of: many of a kind that ring at once are one message.';
COMMENT ON COLUMN public.alert_messages.delivery_id IS 'deliveries.id';
COMMENT ON COLUMN public.alert_messages.alert_id IS 'alerts.id';

COMMENT ON COLUMN public.alerts.kind IS 'What holds; the view meanings says each in words.';
COMMENT ON COLUMN public.alerts.subject IS
    'What tells it apart within its kind: the number of the story or the feed, the disk, queue, part or DAG, the key of the notice; empty where there is only one.';
COMMENT ON COLUMN public.deliveries.alert_id IS
    'The alert that it is of, the first of those that it tells (alert_messages has the others); null where it is of a digest.';
