-- Headlines as a machine translated them, so that a draft made again shows the same and asks nobody twice.
CREATE TABLE glosses (
    original    text NOT NULL,
    source      text NOT NULL,
    target      text NOT NULL,
    service     text NOT NULL,
    gloss       text NOT NULL,
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (original, source, target, service)
);
COMMENT ON TABLE glosses IS 'Headlines as a translation service gave them: from language source into target (BCP 47), by which service, when.';
