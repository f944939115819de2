namespace GdmOptEtq.Cluster.Jobs;

/// <summary>The few words in which the engines differ.</summary>
/// <param name="Number">Type of a key that counts by itself.</param>
/// <param name="Bytes">Type of a byte string.</param>
/// <param name="Real">Type of a 64-bit float.</param>
/// <param name="TableExists">Query that counts the tables named @name.</param>
/// <param name="Clock">Query for the present moment in microseconds since 1970 UTC.</param>
/// <param name="MigrationLock">Statement that keeps two processes from migrating at once, or null where the write transaction does.</param>
public sealed record SqlDialect(string Number, string Bytes, string Real, string TableExists, string Clock, string? MigrationLock)
{
    public string Translate(string statement) =>
        statement.Replace("{number}", Number, StringComparison.Ordinal).Replace("{bytes}", Bytes, StringComparison.Ordinal).Replace("{real}", Real, StringComparison.Ordinal);
}

/// <summary>The job store cannot be used; the message is one sentence for the operator.</summary>
public sealed class JobStoreException : Exception
{
    /// <summary>The store may answer again by itself; false when somebody has to mend something.</summary>
    public bool MayPass { get; init; }

    public JobStoreException(string sentence)
        : base(sentence)
    {
    }

    public JobStoreException(string sentence, Exception cause)
        : base(sentence, cause)
    {
    }
}
