using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.Masking;

public sealed record DecorrelationParameters
{
    [Range(0.0, 1.0)]
    [Description("Matches with a correlation coefficient below this value are removed.")]
    public double DecorrelationThreshold { get; init; } = 0.2;
}
