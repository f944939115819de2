namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// The input, not the program, is at fault. The message is one plain sentence for the user: what is wrong, where, what to do.
/// Shown without a stack trace; the command line ends with exit code 3.
/// </summary>
public sealed class InputException : Exception
{
    public InputException(string sentence)
        : base(sentence)
    {
    }

    public InputException(string sentence, Exception cause)
        : base(sentence, cause)
    {
    }
}
