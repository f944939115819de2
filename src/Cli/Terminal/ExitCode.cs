namespace GdmOptEtq.Cli.Terminal;

/// <summary>What the program tells the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Anything the other codes do not name: a broken disk, a bug.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong by itself.</summary>
    public const int Usage = 2;

    /// <summary>The input does not fit: missing, broken, or not of one kind.</summary>
    public const int BadInput = 3;

    /// <summary>The job ran, but no pixel has a valid result.</summary>
    public const int NoValidResult = 4;

    /// <summary>The service does not answer, not as it should, or lets this caller not in.</summary>
    public const int Service = 5;

    /// <summary>What was waited for did not happen in the time given.</summary>
    public const int TimedOut = 6;

    public const int Interrupted = 130;
}

/// <summary>The command line or the configuration is wrong: one sentence per fault, exit code 2.</summary>
internal sealed class UsageException(IReadOnlyList<string> sentences) : Exception(string.Join(Environment.NewLine, sentences))
{
    public UsageException(string sentence)
        : this([sentence])
    {
    }

    public IReadOnlyList<string> Sentences { get; } = sentences;
}
