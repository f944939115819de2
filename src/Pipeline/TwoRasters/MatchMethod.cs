using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>A matcher with its parameters filled in: all that tiling and measuring need to know of it.</summary>
/// <param name="Name">As on the command line: correlation, optical-flow.</param>
/// <param name="HaloPixels">Pixels beyond a core that its result depends on.</param>
/// <param name="Match">The matcher.</param>
public sealed record MatchMethod(string Name, int HaloPixels, Func<MatchInput, Workers, DisplacementField> Match);
