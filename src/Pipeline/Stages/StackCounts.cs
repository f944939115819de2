using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Statistics;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>Pixels of one pair: all, kept, and removed by each reason (a pixel may have several).</summary>
public sealed record PairCounts(string Pair, long Pixels, long Valid, IReadOnlyDictionary<string, long> RemovedBy);

/// <summary>Pixels with a mean displacement, and the counts of every pair.</summary>
public sealed record StackCounts(long Pixels, long WithMean, IReadOnlyList<PairCounts> Pairs);

/// <summary>Counts block by block.</summary>
internal sealed class StackTally(int pairs)
{
    private readonly long[] _valid = new long[pairs];
    private readonly SortedDictionary<Validity, long>[] _removed = [.. Enumerable.Range(0, pairs).Select(_ => new SortedDictionary<Validity, long>())];
    private long _pixels;
    private long _withMean;

    public void Add(IReadOnlyList<PairLayer> layers, Window core, StackResult result)
    {
        _pixels += core.PixelCount;
        _withMean += result.Magnitude.Pixels.LongCount(float.IsFinite);
        for (int k = 0; k < layers.Count; k++)
        {
            var counts = ValidityCounts.Of(layers[k].Field.Validity.Crop(core));
            _valid[k] += counts.Valid;
            foreach (var (reason, count) in counts.ByReason)
                _removed[k][reason] = _removed[k].GetValueOrDefault(reason) + count;
        }
    }

    public StackCounts Finish(IReadOnlyList<PairOutput> outputs) => new(
        _pixels, _withMean,
        outputs.Select((p, k) => new PairCounts(p.Pair.Name, _pixels, _valid[k], _removed[k].ToDictionary(r => r.Key.ToString(), r => r.Value))).ToArray());
}
