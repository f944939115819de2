using System.Security.Cryptography;
using System.Text;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// Name of a stage's output: hash of its inputs' keys, its parameters and its method's version. Present in the work store means done, so a resume is
/// free and a changed parameter recomputes only what depends on it.
/// </summary>
public readonly record struct StageKey(string Value)
{
    /// <summary>Key of <paramref name="stage"/> (kebab-case; becomes the beginning of the key, so that a work folder can be read by people).</summary>
    /// <param name="stage">Name of the stage.</param>
    /// <param name="methodVersion">Changes whenever the same inputs would give other pixels.</param>
    /// <param name="parts">Keys and numbers, in a fixed order.</param>
    public static StageKey Of(string stage, string methodVersion, params IEnumerable<object?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, methodVersion);
        foreach (object? part in parts)
            Add(hash, part is IFormattable number ? number.ToString(null, System.Globalization.CultureInfo.InvariantCulture) : part?.ToString() ?? "");
        return new StageKey($"{stage}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..24]}");
    }

    /// <summary>All values of a parameter record, by name, as part of a key.</summary>
    public static string Text<T>(T record)
        where T : class, new() => string.Join(';', ParameterSchema<T>.Instance.Parameters.Select(p => $"{p.JsonName}={p.TextIn(record)}"));

    public override string ToString() => Value;

    private static void Add(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
