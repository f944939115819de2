namespace GdmOptEtq.Science.Correlation;

internal sealed record Tuning
{
    public double Lambda = 5e3;          // link precision at regularization 0.3
    public double Tau = 0.02;            // link robust scale px/px
    public double SlopeSigma = 20;       // px, smoothing of the slope field
    public int Outer0 = 4, OuterCoarse = 8;
    public int Inner = 40;
    public double WindowSigma = 0;       // fraction of s
    public int StatRadius = 16;
    public double Nu = 6;
    public bool Average = false;
    public bool Whiten = true;
    public int Bands = 5;
    public double GammaPower = 1;
    public bool Verbose = false;
    public double SlopeMix = 1;
    public double AreaScale = 1;
    public double SigmaPixels = 600;
    public double Floor = 0.01, MaxStep = 0.5;
    public double Decay = 1;
}
