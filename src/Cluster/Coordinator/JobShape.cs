using System.Text.Json.Serialization;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>Which command a unit of work needs.</summary>
public enum UnitStage : byte
{
    Prepare,
    Correlate,
    Aggregate,
    Summarise,
}

/// <summary>One pair of a job: two acquisitions (numbers), how many tiles, and the stack it belongs to.</summary>
public sealed record PairShape(int Reference, int Secondary, int Tiles, int Stack);

/// <summary>
/// What a job consists of, in numbers only: so much the coordinator needs to know, and no more. Units are numbered through: acquisitions, then the
/// tiles of pair 0, of pair 1 and so on, then one aggregation per pair, then one summary per stack (a stack is the set of pairs of one Sentinel-2
/// tile), then, if there are several stacks, one mosaic of all.
/// </summary>
public sealed record JobShape(int Acquisitions, IReadOnlyList<PairShape> Pairs, int Stacks)
{
    private readonly int[] _firstTile = FirstTiles(Acquisitions, Pairs);

    [JsonIgnore]
    public int FirstAggregate => _firstTile[^1];

    [JsonIgnore]
    public int FirstSummary => FirstAggregate + Pairs.Count;

    /// <summary>Number of the mosaic unit, or -1 when one stack makes a mosaic needless.</summary>
    [JsonIgnore]
    public int Mosaic => Stacks > 1 ? FirstSummary + Stacks : -1;

    [JsonIgnore]
    public int Units => FirstSummary + Stacks + (Stacks > 1 ? 1 : 0);

    [JsonIgnore]
    public int Tiles => FirstAggregate - Acquisitions;

    public UnitStage StageOf(int unit) =>
        unit < Acquisitions ? UnitStage.Prepare
        : unit < FirstAggregate ? UnitStage.Correlate
        : unit < FirstSummary ? UnitStage.Aggregate
        : UnitStage.Summarise;

    public int TileUnit(int pair, int tile) => _firstTile[pair] + tile;

    public int AggregateUnit(int pair) => FirstAggregate + pair;

    public int SummaryUnit(int stack) => FirstSummary + stack;

    /// <summary>Pair and tile of a correlation unit.</summary>
    public (int Pair, int Tile) TileOf(int unit)
    {
        int pair = Array.BinarySearch(_firstTile, unit);
        if (pair < 0)
            pair = ~pair - 1;
        // A pair without tiles shares its first number with the next.
        while (pair + 1 < _firstTile.Length && _firstTile[pair + 1] == unit)
            pair++;
        return (pair, unit - _firstTile[pair]);
    }

    /// <summary>In words, for people: "tile 17 of pair 2".</summary>
    public string Describe(int unit) => StageOf(unit) switch
    {
        UnitStage.Prepare => $"acquisition {unit + 1} of {Acquisitions}",
        UnitStage.Correlate when TileOf(unit) is var (pair, tile) => $"tile {tile + 1} of {Pairs[pair].Tiles}, pair {pair + 1} of {Pairs.Count}",
        UnitStage.Aggregate => $"aggregation of pair {unit - FirstAggregate + 1} of {Pairs.Count}",
        _ when unit == Mosaic => $"mosaic of {Stacks} stacks",
        _ => $"summary of stack {unit - FirstSummary + 1} of {Stacks}",
    };

    private static int[] FirstTiles(int acquisitions, IReadOnlyList<PairShape> pairs)
    {
        var first = new int[pairs.Count + 1];
        first[0] = acquisitions;
        for (int pair = 0; pair < pairs.Count; pair++)
            first[pair + 1] = first[pair] + pairs[pair].Tiles;
        return first;
    }

    public bool Equals(JobShape? other) =>
        other is not null && Acquisitions == other.Acquisitions && Stacks == other.Stacks && Pairs.SequenceEqual(other.Pairs);

    public override int GetHashCode() => HashCode.Combine(Acquisitions, Stacks, Pairs.Count);
}
