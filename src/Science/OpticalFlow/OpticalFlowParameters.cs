using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>Options of the dense optical flow; names and meanings follow GeFolki (Brigot et al. 2016).</summary>
public sealed record OpticalFlowParameters
{
    [Description("Half windows in pixels, visited in this order at every pyramid level; large ones are robust, small ones show detail, and each pixel trusts those that agree.")]
    [RegularExpression(@"^\s*[1-9][0-9]?\s*(,\s*[1-9][0-9]?\s*){0,15}$")]
    public string FlowRadii { get; init; } = "32,16,8,4";

    [Description("Half window in pixels of the rank transform; 0 matches intensities (normalised locally) instead of ranks.")]
    [Range(0, 7)]
    public int FlowRankRadius { get; init; } = 4;

    [Description("Warps and solutions per half window and level.")]
    [Range(1, 20)]
    public int FlowIterations { get; init; } = 3;

    [Description("Number of halvings of the image; displacements up to about 2^levels pixels are found.")]
    [Range(0, 8)]
    public int FlowLevels { get; init; } = 3;

    [Description("Invert the contrast of the secondary image where that fits better (different sensors); not needed for one sensor.")]
    public bool FlowContrastAdaptation { get; init; }

    [Description("Half window in pixels of the correlation score.")]
    [Range(1, 7)]
    public int FlowScoreWindowSize { get; init; } = 3;

    /// <summary>The radii as numbers, in the order of use.</summary>
    /// <exception cref="Rasters.InputException">The list is empty, not made of numbers, or a number is outside [1, 99].</exception>
    public IReadOnlyList<int> RadiusList()
    {
        var radii = new List<int>();
        foreach (string part in (FlowRadii ?? "").Split(','))
        {
            if (!int.TryParse(part, System.Globalization.NumberStyles.AllowLeadingWhite | System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture, out int radius) || radius is < 1 or > 99)
                throw new Rasters.InputException($"The radii '{FlowRadii}' are not a list of whole numbers from 1 to 99 such as 32,16,8,4: correct the option --flow-radii.");
            radii.Add(radius);
        }

        return radii;
    }
}
