using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.Masking;

public sealed record SlopeMaskParameters
{
    [Range(0.0, 90.0)]
    [Description("Pixels on terrain at least this steep (degrees), and at most as steep as the slope mask maximum, are removed.")]
    public double SlopeMaskMinimum { get; init; } = 80;

    [Range(0.0, 90.0)]
    [Description("Upper end of the removed range of slopes (degrees).")]
    public double SlopeMaskMaximum { get; init; } = 90;
}
