namespace GdmOptEtq.Science.Correlation;

internal sealed record Tuning
{
    public double Reach = 8, MinReach = 6, CalmReach = 16, Threshold = 10, Evidence = 8;
    public double Tau = 0.01;            // link robust scale px/px
    public double TauNoise = 0.03;
    public double SlopeSigma = 20;       // px, smoothing of the slope field
    public int Outer0 = 6, OuterCoarse = 5;
    public int Inner = 20;
    public bool Verbose = false;
    public double SigmaPixels = 600;
    public double Floor = 0.01, MaxStep = 0.5;
    public double Decay = 1, CoarseTau = 100;
}
