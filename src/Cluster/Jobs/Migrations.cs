namespace GdmOptEtq.Cluster.Jobs;

/// <summary>
/// How the tables came to be, step by step. A landed step is never edited: a change is a new step. Additions only (new tables, new columns with a
/// default), so that the version before still works on the tables of the version after, and a rolling upgrade may migrate first.
/// </summary>
public static class Migrations
{
    public static int Current => Steps.Count;

    public static IReadOnlyList<IReadOnlyList<string>> Steps { get; } =
    [
        [
            """
            CREATE TABLE job (
                id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, request TEXT NOT NULL, phase INT NOT NULL, message TEXT NOT NULL,
                priority INT NOT NULL, created BIGINT NOT NULL, started BIGINT, finished BIGINT, updated BIGINT NOT NULL, shape TEXT,
                units_done INT NOT NULL, units_total INT NOT NULL, tiles_failed INT NOT NULL)
            """,
            "CREATE INDEX job_by_phase ON job (phase, created)",
            "CREATE INDEX job_by_owner ON job (owner, created)",
            """
            CREATE TABLE unit (
                job TEXT NOT NULL, no INT NOT NULL, status INT NOT NULL, attempt INT NOT NULL, failures INT NOT NULL, worker TEXT, reason TEXT,
                seconds {real} NOT NULL, changed BIGINT NOT NULL, PRIMARY KEY (job, no))
            """,
            """
            CREATE TABLE history (
                number {number}, job TEXT NOT NULL, at BIGINT NOT NULL, unit INT, what TEXT NOT NULL, attempt INT NOT NULL, worker TEXT, reason TEXT)
            """,
            "CREATE INDEX history_by_job ON history (job, number)",
            "CREATE TABLE outbox (number {number}, body {bytes} NOT NULL)",
            "CREATE TABLE node (name TEXT PRIMARY KEY, body TEXT NOT NULL, seen BIGINT NOT NULL)",
            "CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, term BIGINT NOT NULL, held BIGINT NOT NULL)",
        ],
        ["ALTER TABLE job ADD COLUMN process TEXT NOT NULL DEFAULT 'gdm-opt-etq'"],
    ];
}
