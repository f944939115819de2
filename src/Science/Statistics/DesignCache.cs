using System.Collections.Concurrent;

namespace GdmOptEtq.Science.Statistics;

/// <summary>One design per set of valid layers, made when first met.</summary>
internal sealed class DesignCache(PairRole[] roles)
{
    private readonly ConcurrentDictionary<int, PairDesign> designs = new();

    public PairDesign Of(int mask) => designs.GetOrAdd(
        mask, static (m, all) => new PairDesign(all.Where((_, k) => (m & (1 << k)) != 0).ToArray()), roles);
}
