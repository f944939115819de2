namespace GdmOptEtq.Cluster.Messages;

/// <summary>Name of a job: letters, digits, '-' and '_', so that it is safe as a folder name and in a URL.</summary>
public readonly record struct JobId(string Value)
{
    /// <summary>A new id that sorts by creation time.</summary>
    public static JobId New(TimeProvider time) => new(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));

    public static bool IsWellFormed(string? text) =>
        text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    public override string ToString() => Value;
}
