namespace GdmOptEtq.Science.Masking;

/// <summary>One cloud in the search for its shadow: its pixels, the direction it was seen from, and the heights it may have.</summary>
internal sealed class CloudObject
{
    public required int Label { get; init; }

    public required ConnectedObjects.Run[] Runs { get; init; }

    public required int Area { get; init; }

    public required double CentroidX { get; init; }

    public required double CentroidY { get; init; }

    /// <summary>Elevation of the ground below the cloud above the reference plane, metres.</summary>
    public required double GroundMetres { get; init; }

    /// <summary>Columns that the cloud's true place lies from where it is seen, per metre above its ground.</summary>
    public required double ViewColumnsPerMetre { get; init; }

    public required double ViewRowsPerMetre { get; init; }

    /// <summary>Lowest and highest base above the reference plane, metres.</summary>
    public required double LowestBase { get; init; }

    public required double HighestBase { get; init; }

    /// <summary>Places (column, row) that stand for the whole cloud while heights are tried.</summary>
    public (int X, int Y)[] Sample { get; set; } = [];
}
