using System.Globalization;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.Parameters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// Keys of stage outputs: what goes in (keys, contents, numbers), the stage's parameters, and the version of its method. Present in the work store means
/// done, so a resume is free and a changed parameter recomputes only what depends on it.
/// </summary>
internal static class StageKeys
{
    public static WorkKey Of(string stage, string methodVersion, params IEnumerable<object?> parts) => WorkKey.Of(stage, methodVersion, parts.Select(Part), "");

    /// <summary>All values of a parameter record, by name, as part of a key.</summary>
    public static string Text<T>(T record)
        where T : class, new() => string.Join(';', ParameterSchema<T>.Instance.Parameters.Select(p => $"{p.JsonName}={p.TextIn(record)}"));

    private static string Part(object? part) => part is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : part?.ToString() ?? "";
}
