namespace GdmOptEtq.Science.Correlation;

/// <summary>Numbers of the method that no user needs to choose; each was chosen by measurement, see docs/methods.md, section Matching.</summary>
internal sealed record MethodConstants
{
    public static MethodConstants Default { get; } = new();

    /// <summary>Pixels over which links smooth where no fault runs, at the default window and regularization.</summary>
    public double CalmReachPixels { get; init; } = 20;

    /// <summary>The same beside a fault.</summary>
    public double FaultReachPixels { get; init; } = 10;

    /// <summary>No level of the pyramid smooths over less, in its own pixels: decimated pixels are few.</summary>
    public double LeastReachPixels { get; init; } = 6;

    /// <summary>Gaussian sigma over which the slope of the field is taken.</summary>
    public double SlopeSigmaPixels { get; init; } = 20;

    /// <summary>Gaussian sigma of the neighbourhood in which breaks are counted before they may be a fault.</summary>
    public double EvidenceSigmaPixels { get; init; } = 8;

    /// <summary>How many times stronger than usual the breaks must be there.</summary>
    public double EvidenceThreshold { get; init; } = 5;

    /// <summary>
    /// Break with the slope, px/px, at which a link has lost three quarters of its weight. Only what no smooth field could bridge breaks so: a smaller scale takes noise
    /// for faults where the ground changed. Smaller steps are traced, see <see cref="FaultTrace"/>.
    /// </summary>
    public double BreakScale { get; init; } = 2;

    /// <summary>The same in standard errors of one pixel.</summary>
    public double BreakNoiseScale { get; init; } = 3;

    /// <summary>Least share of its weight that a broken link keeps.</summary>
    public double LinkFloor { get; init; } = 0.004;

    /// <summary>Gaussian sigma of the slope that shows a fault against <see cref="SlopeSigmaPixels"/>.</summary>
    public double FineSlopeSigmaPixels { get; init; } = 8;

    /// <summary>How many times stronger than usual the excess of slope must be on a ridge (squares compared).</summary>
    public double RidgeThreshold { get; init; } = 5;

    /// <summary>Gaussian sigma, cells, of the structure tensor for the strength and, on top, for the direction of a ridge.</summary>
    public double RidgeSigmaCells { get; init; } = 1.5;

    public double NormalSigmaCells { get; init; } = 8;

    /// <summary>Cells around a ridge among which the fault is traced.</summary>
    public int ZoneCells { get; init; } = 4;

    /// <summary>From where across the zone the displacements of the two sides are taken.</summary>
    public double SideReachPixels { get; init; } = 16;

    /// <summary>Gaussian sigma, along the fault, over which pixels add up what they say.</summary>
    public double EvidenceAlongPixels { get; init; } = 16;

    /// <summary>Least evidence on each side, units of minus twice the log likelihood: to begin a trace, and to continue one.</summary>
    public double StrongTrace { get; init; } = 25;

    public double WeakTrace { get; init; } = 5;

    /// <summary>Passes of the finest level before which faults are traced.</summary>
    public int FirstTracedPass { get; init; } = 1;

    public int LastTracedPass { get; init; } = 2;

    /// <summary>Cells around a trace whose links are set by it alone.</summary>
    public int BesideCells { get; init; } = 5;

    /// <summary>Least share of its weight that a link across a trace keeps.</summary>
    public double CutFloor { get; init; } = 0.0005;

    /// <summary>Cells from a trace at which the field's slope counts in full.</summary>
    public float SlopeFreeCells { get; init; } = 10;

    /// <summary>Linearisations on the finest level and on each coarser one.</summary>
    public int FinestPasses { get; init; } = 9;

    /// <summary>Linearisations of the finest level that take in every pixel; later ones only work beside faults.</summary>
    public int WholePasses { get; init; } = 3;

    /// <summary>Cells around a fault that those go on with.</summary>
    public int FaultMarginCells { get; init; } = 4;

    public int CoarsePasses { get; init; } = 5;

    /// <summary>Conjugate gradient steps in each pass beside faults, where the field has farther to go.</summary>
    public int FaultSteps { get; init; } = 12;

    /// <summary>Steps that correct the whole field cell by cell before single pixels are looked at, see <see cref="CellStep"/>.</summary>
    public int CellSteps { get; init; } = 15;

    /// <summary>Steps over every pixel after those: in the first pass of the finest level, and in each pass of the coarser ones.</summary>
    public int WholeStepsAfterCells { get; init; } = 4;

    public int CoarseStepsAfterCells { get; init; } = 3;

    /// <summary>The same without cells, which know neither links along a chosen direction nor rigid windows.</summary>
    public int WholeSteps { get; init; } = 8;

    public int CoarseSteps { get; init; } = 10;

    /// <summary>Mean square of what is left to correct, in standard errors of a pixel, at which the steps of a pass end before their number; a coarser level then ends, too.</summary>
    public double Tolerance { get; init; } = 1e-5;

    public double CoarseTolerance { get; init; } = 3e-5;

    /// <summary>No pixel moves farther in one pass, in pixels of the level: the images are linear no farther.</summary>
    public double LongestStepPixels { get; init; } = 0.5;

    /// <summary>Pixels whose information adds up in the standard error of one, where no fault runs and beside one.</summary>
    public double CalmSupportPixels { get; init; } = 3200;

    public double FaultSupportPixels { get; init; } = 400;
}
