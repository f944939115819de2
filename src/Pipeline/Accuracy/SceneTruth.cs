using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>What a scene's displacement really is.</summary>
/// <param name="Dx">Pixels, East positive.</param>
/// <param name="Dy">Pixels, South positive.</param>
/// <param name="FaultDistance">Distance to the fault in pixels, signed or not; null where there is no fault.</param>
public sealed record SceneTruth(Raster<float> Dx, Raster<float> Dy, Raster<float>? FaultDistance);
