using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GdmOptEtq.Imagery.WorkStore;

/// <summary>
/// Name of one intermediate result: the stage and a SHA-256 over everything that shapes it. Same key, same result; so what is there need not be computed.
/// </summary>
public readonly record struct WorkKey
{
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> s_stageCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private WorkKey(string value) => Value = value;

    /// <summary>Stage and hash, e.g. <c>correlate-9f2c...</c>; also the file name.</summary>
    public string Value { get; }

    /// <summary>The stage alone.</summary>
    public string Stage => Value[..Value.LastIndexOf('-')];

    /// <summary>Builds the key of a result.</summary>
    /// <param name="stage">Name of the stage: lower-case letters, digits and hyphens.</param>
    /// <param name="methodVersion">Version of the method; changed whenever the same input would give other pixels.</param>
    /// <param name="inputKeys">Keys of what goes in, in the order in which it goes in.</param>
    /// <param name="canonicalParameters">The stage's parameters as text that is equal exactly when they are (JSON with sorted names).</param>
    public static WorkKey Of(string stage, string methodVersion, IEnumerable<string> inputKeys, string canonicalParameters)
    {
        if (!IsStage(stage))
            throw new ArgumentException($"The stage name '{stage}' has other characters than a-z, 0-9 and hyphens.", nameof(stage));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, stage);
        Append(hash, methodVersion);
        foreach (string input in inputKeys)
            Append(hash, input);
        // An input can never be mistaken for the parameters: they come after a length no text has.
        hash.AppendData([0xFF, 0xFF, 0xFF, 0xFF]);
        Append(hash, canonicalParameters);
        return new WorkKey($"{stage}-{Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    /// <summary>Reads a key back from its <see cref="Value"/>.</summary>
    public static bool TryParse(string text, out WorkKey key)
    {
        int hyphen = text.LastIndexOf('-');
        bool valid = hyphen > 0 && text.Length - hyphen - 1 == 64 && IsStage(text[..hyphen])
            && text.AsSpan(hyphen + 1).IndexOfAnyExcept(s_hexDigits) < 0;
        key = valid ? new WorkKey(text) : default;
        return valid;
    }

    public static WorkKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException($"'{text}' is not a work key.");

    public override string ToString() => Value;

    private static bool IsStage(string stage) =>
        stage.Length is > 0 and <= 64 && stage.AsSpan().IndexOfAnyExcept(s_stageCharacters) < 0;

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
