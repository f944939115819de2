using System.Text.Json.Serialization;

namespace GdmOptEtq.Cluster.Coordinator;

/// <summary>Which command a unit of work needs.</summary>
public enum UnitStage : byte
{
    Prepare,
    Correlate,
    Aggregate,
    Summarise,

    /// <summary>One raster of a result.</summary>
    Write,

    /// <summary>All files of a result under their names.</summary>
    Publish,
}

/// <summary>One pair of a job: two acquisitions (numbers), how many tiles, and the stack it belongs to.</summary>
public sealed record PairShape(int Reference, int Secondary, int Tiles, int Stack);

/// <summary>
/// What a job consists of, in numbers only: so much the coordinator needs to know, and no more. Units are numbered through: acquisitions, then the
/// tiles of pair 0, of pair 1 and so on, then one aggregation per pair, then one summary per stack (a stack is the set of pairs of one Sentinel-2
/// tile), the products of stack 0, of stack 1 and so on, one publication per stack, and, if there are several stacks, the products of their mosaic and
/// its publication.
/// </summary>
/// <remarks>
/// A job that a version before <see cref="Products"/> planned has none: its summaries write and publish the products of their stack, and the unit after
/// the last summary is the mosaic.
/// </remarks>
public sealed record JobShape(int Acquisitions, IReadOnlyList<PairShape> Pairs, int Stacks)
{
    private readonly int[] _firstTile = FirstUnits(Acquisitions, Pairs.Select(pair => pair.Tiles));
    private readonly int[] _productsBefore = [0];

    /// <summary>Rasters in the result of each stack.</summary>
    public IReadOnlyList<int> Products
    {
        get;
        init
        {
            field = value;
            _productsBefore = FirstUnits(0, value);
        }
    } = [];

    /// <summary>Rasters in the mosaic of several stacks; 0 for one stack.</summary>
    public int MosaicProducts { get; init; }

    /// <summary>Whether products are units of their own.</summary>
    [JsonIgnore]
    public bool SplitsProducts => Products.Count > 0;

    [JsonIgnore]
    public int FirstAggregate => _firstTile[^1];

    [JsonIgnore]
    public int FirstSummary => FirstAggregate + Pairs.Count;

    /// <summary>Number of the first product of the first stack.</summary>
    [JsonIgnore]
    public int FirstProduct => FirstSummary + Stacks;

    [JsonIgnore]
    public int FirstPublication => FirstProduct + _productsBefore[^1];

    /// <summary>Number of the first unit of the mosaic; one stack has none.</summary>
    [JsonIgnore]
    public int FirstOfMosaic => SplitsProducts ? FirstPublication + Stacks : FirstProduct;

    /// <summary>Number of the unit that ends the mosaic, or -1 when one stack makes a mosaic needless.</summary>
    [JsonIgnore]
    public int Mosaic => Stacks > 1 ? FirstOfMosaic + MosaicProducts : -1;

    [JsonIgnore]
    public int Units => Stacks > 1 ? Mosaic + 1 : FirstOfMosaic;

    [JsonIgnore]
    public int Tiles => FirstAggregate - Acquisitions;

    public UnitStage StageOf(int unit) =>
        unit < Acquisitions ? UnitStage.Prepare
        : unit < FirstAggregate ? UnitStage.Correlate
        : unit < FirstSummary ? UnitStage.Aggregate
        : unit < FirstProduct || !SplitsProducts ? UnitStage.Summarise
        : unit < FirstPublication || (unit >= FirstOfMosaic && unit != Mosaic) ? UnitStage.Write
        : UnitStage.Publish;

    public int TileUnit(int pair, int tile) => _firstTile[pair] + tile;

    public int AggregateUnit(int pair) => FirstAggregate + pair;

    public int SummaryUnit(int stack) => FirstSummary + stack;

    public int ProductUnit(int stack, int product) => FirstProduct + _productsBefore[stack] + product;

    public int PublicationUnit(int stack) => FirstPublication + stack;

    /// <summary>Pair and tile of a correlation unit.</summary>
    public (int Pair, int Tile) TileOf(int unit) => Place(_firstTile, unit);

    /// <summary>Stack and product of a unit that writes a product of a stack.</summary>
    public (int Stack, int Product) ProductOf(int unit) => Place(_productsBefore, unit - FirstProduct);

    /// <summary>In words, for people: "tile 17 of pair 2".</summary>
    public string Describe(int unit) => StageOf(unit) switch
    {
        UnitStage.Prepare => $"acquisition {unit + 1} of {Acquisitions}",
        UnitStage.Correlate when TileOf(unit) is var (pair, tile) => $"tile {tile + 1} of {Pairs[pair].Tiles}, pair {pair + 1} of {Pairs.Count}",
        UnitStage.Aggregate => $"aggregation of pair {unit - FirstAggregate + 1} of {Pairs.Count}",
        UnitStage.Summarise when unit != Mosaic => $"summary of stack {unit - FirstSummary + 1} of {Stacks}",
        UnitStage.Write when unit >= FirstOfMosaic => $"product {unit - FirstOfMosaic + 1} of {MosaicProducts}, mosaic of {Stacks} stacks",
        UnitStage.Write when ProductOf(unit) is var (stack, product) => $"product {product + 1} of {Products[stack]}, stack {stack + 1} of {Stacks}",
        UnitStage.Publish when unit != Mosaic => $"publication of stack {unit - FirstPublication + 1} of {Stacks}",
        _ => $"mosaic of {Stacks} stacks",
    };

    private static int[] FirstUnits(int start, IEnumerable<int> counts)
    {
        var first = new List<int> { start };
        foreach (int count in counts)
            first.Add(first[^1] + count);
        return [.. first];
    }

    private static (int Group, int Member) Place(int[] first, int unit)
    {
        int group = Array.BinarySearch(first, unit);
        if (group < 0)
            group = ~group - 1;
        // A group without members shares its first number with the next.
        while (group + 1 < first.Length && first[group + 1] == unit)
            group++;
        return (group, unit - first[group]);
    }

    public bool Equals(JobShape? other) =>
        other is not null && Acquisitions == other.Acquisitions && Stacks == other.Stacks && MosaicProducts == other.MosaicProducts
        && Pairs.SequenceEqual(other.Pairs) && Products.SequenceEqual(other.Products);

    public override int GetHashCode() => HashCode.Combine(Acquisitions, Stacks, Pairs.Count, Products.Count);
}
