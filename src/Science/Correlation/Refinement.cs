using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

internal sealed class Refinement
{
    private readonly Raster<float> reference, secondary, referenceWeight, secondaryWeight;
    private readonly bool holes;
    public Raster<float> Weight { get; private set; }
    private readonly Tuning t;
    private readonly Workers workers;
    private readonly int width, height;
    private readonly double scale;
    private static readonly double[] BandNoise = [0.8908, 0.2007, 0.0857, 0.0413, 0.0205, 0.0103];

    public Raster<float> Dx, Dy;
    public Raster<float> F0 = null!, F1w = null!;
    public Raster<float> Gain = null!, Variance = null!;
    public CoupledSolver Solver = null!;
    public double[] BandWeights = null!;

    public Refinement(Raster<float> reference, Raster<float> secondary, Raster<float> referenceWeight, Raster<float> secondaryWeight, Raster<float> dx, Raster<float> dy, int level, Tuning tuning, Workers workers)
    {
        (this.reference, this.secondary, this.referenceWeight, this.secondaryWeight, Dx, Dy, t, this.workers) = (reference, secondary, Eroded(referenceWeight), Eroded(secondaryWeight), dx, dy, tuning, workers);
        holes = Array.IndexOf(this.secondaryWeight.Pixels, 0f) >= 0 || Array.IndexOf(this.referenceWeight.Pixels, 0f) >= 0;
        Weight = this.referenceWeight;
        (width, height) = (reference.Width, reference.Height);
        scale = 1 << level;
    }

    private Raster<float> New() => new(width, height);

    private Raster<float> Warp(CubicSpline spline) => Warp(spline, Dx, Dy, workers);

    /// <summary>The spline read at every pixel moved by the field.</summary>
    public static Raster<float> Warp(CubicSpline spline, Raster<float> dx, Raster<float> dy, Workers workers)
    {
        var result = new Raster<float>(dx.Width, dx.Height);
        workers.Rows(dx.Height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                spline.WarpRow(0, y, dx.Row(y), dy.Row(y), result.Row(y));
        });
        return result;
    }

    /// <summary>Zero within two pixels of a hole: what was filled in shows through the filters that far.</summary>
    private static Raster<float> Eroded(Raster<float> weight)
    {
        if (Array.IndexOf(weight.Pixels, 0f) < 0)
            return weight;
        var result = weight.Clone();
        for (int y = 0; y < weight.Height; y++)
            for (int x = 0; x < weight.Width; x++)
                if (weight[x, y] == 0)
                    for (int j = Math.Max(0, y - 2); j <= Math.Min(weight.Height - 1, y + 2); j++)
                        result.Row(j)[Math.Max(0, x - 2)..Math.Min(weight.Width, x + 3)].Clear();
        return result;
    }

    /// <summary>A pixel votes when the reference is valid around it and so is the secondary around the place it is matched to.</summary>
    private void UpdateWeight()
    {
        if (!holes)
            return;
        Weight = New();
        workers.Rows(height, 16, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                for (int x = 0; x < width; x++)
                {
                    int i = y * width + x;
                    int column = Math.Clamp((int)MathF.Round(x + Dx.Pixels[i]), 0, width - 1), row = Math.Clamp((int)MathF.Round(y + Dy.Pixels[i]), 0, height - 1);
                    Weight.Pixels[i] = referenceWeight.Pixels[i] * secondaryWeight[column, row];
                }
        });
    }

    public (Raster<float>, Raster<float>) Sigma()
    {
        Raster<float> a = New(), b = New(), c = New();
        Solver.A11.Store(a); Solver.A12.Store(b); Solver.A22.Store(c);
        return MatchQuality.Sigma(a, b, c, 12, t.SigmaPixels, workers);
    }

    private Raster<float>[] Smooths(Raster<float> image)
    {
        var list = new Raster<float>[t.Bands + 1];
        list[0] = image;
        for (int j = 0; j < t.Bands; j++)
        {
            list[j + 1] = New();
            SymmetricFilter.Apply(list[j], list[j + 1], Pyramid.Binomial, 1 << j, workers);
        }
        return list;
    }

    private Raster<float> Combine(Raster<float>[] smooths, double[] f)
    {
        var r = New();
        for (int j = 0; j <= t.Bands; j++)
        {
            float c = (float)((j < t.Bands ? f[j] : 0) - (j > 0 ? f[j - 1] : 0));
            var s = smooths[j].Pixels;
            for (int i = 0; i < s.Length; i++)
                r.Pixels[i] += c * s[i];
        }
        return r;
    }

    private double[] Weights(Raster<float>[] s0, Raster<float>[] s1)
    {
        var f = new double[t.Bands];
        for (int j = 0; j < t.Bands; j++)
        {
            double a = 0, b = 0, c = 0, n = 0;
            for (int y = 8; y < height - 8; y++)
                for (int x = 8; x < width - 8; x++)
                {
                    int i = y * width + x;
                    if (Weight.Pixels[i] == 0) continue;
                    double u = s0[j].Pixels[i] - s0[j + 1].Pixels[i], v = s1[j].Pixels[i] - s1[j + 1].Pixels[i];
                    a += u * u; b += v * v; c += u * v; n++;
                }
            double g2 = c > 0 && a > 0 && b > 0 ? c * c / (a * b) : 0;
            g2 = Math.Min(g2, 0.9995);
            double density = a / n / (BandNoise[j] * BandNoise[j]);
            f[j] = density > 0 ? Math.Sqrt(Math.Pow(g2, t.GammaPower) / ((1 - g2) * density)) : 0;
            if (t.Verbose) Console.WriteLine($"   band {j} gamma2 {g2:F4} density {density:G4} f {f[j]:G4}");
        }
        return f;
    }

    public void Run(int outer)
    {
        UpdateWeight();
        var s0 = Smooths(reference);
        var raw1 = new CubicSpline(secondary, workers);
        double[] f;
        if (t.Whiten)
            f = Weights(s0, Smooths(Warp(raw1)));
        else { f = new double[t.Bands]; Array.Fill(f, 1); }
        BandWeights = f;
        F0 = Combine(s0, f);
        var f1 = Combine(Smooths(secondary), f);
        var spline = new CubicSpline(f1, workers);
        var (gx, gy) = Gradient(F0);
        Solver = new CoupledSolver(width, height, workers);
        var s = Solver;
        double lambda = t.Lambda / (scale * scale) ;
        Raster<float> wr = New().Fill(1), wd = New().Fill(1);
        for (int k = 0; k < outer; k++)
        {
            UpdateWeight();
            F1w = Warp(spline);
            Statistics();
            Data(gx, gy);
            Links(wr, wd, lambda, k, outer);
            s.Dx.Load(Dx); s.Dy.Load(Dy);
            s.Solve(t.Inner);
            Step(s.Dx, Dx); Step(s.Dy, Dy);
        }
        F1w = Warp(spline);
    }

    private void Step(Plane solved, Raster<float> d)
    {
        for (int y = 0; y < height; y++)
        {
            var from = solved.Row(y); var to = d.Row(y);
            for (int x = 0; x < width; x++) to[x] += Math.Clamp(from[x] - to[x], -(float)t.MaxStep, (float)t.MaxStep);
        }
    }

    private void Statistics()
    {
        Raster<float> xx = New(), xy = New(), yy = New(), mxx = New(), mxy = New(), myy = New();
        for (int i = 0; i < xx.Pixels.Length; i++)
        {
            float w = Weight.Pixels[i], a = F0.Pixels[i], b = F1w.Pixels[i];
            xx.Pixels[i] = w * a * a; xy.Pixels[i] = w * a * b; yy.Pixels[i] = w * b * b;
        }
        BoxMean.Apply(xx, mxx, t.StatRadius, workers); BoxMean.Apply(xy, mxy, t.StatRadius, workers); BoxMean.Apply(yy, myy, t.StatRadius, workers);
        Gain = mxy; Variance = myy;
        for (int i = 0; i < xx.Pixels.Length; i++)
        {
            float a = mxx.Pixels[i], c = mxy.Pixels[i], b = myy.Pixels[i];
            float gain = a > 0 ? Math.Clamp(c / a, 0.2f, 5f) : 1;
            float var = b - 2 * gain * c + gain * gain * a;
            Gain.Pixels[i] = gain;
            Variance.Pixels[i] = Math.Max(var, 1e-6f * b + 1e-20f);
        }
    }

    private (Raster<float>, Raster<float>) Gradient(Raster<float> image)
    {
        // derivative of the cubic spline at the pixels
        var coefficients = New();
        double z = Math.Sqrt(3) - 2;
        var taps = new float[9];
        double sum = 0;
        for (int k = 0; k < 9; k++) { taps[k] = (float)(Math.Sqrt(3) * Math.Pow(z, k)); sum += (k == 0 ? 1 : 2) * taps[k]; }
        for (int k = 0; k < 9; k++) taps[k] = (float)(taps[k] / sum);
        // prefilter along each axis only: derivative across uses coefficients along that axis
        Raster<float> gx = New(), gy = New();
        workers.Rows(height, 16, (a, b) =>
        {
            for (int y = a; y < b; y++)
                for (int x = 0; x < width; x++)
                {
                    float v = 0, u = 0;
                    for (int k = -9; k <= 9; k++)
                    {
                        // derivative taps: (c[k-1]-c[k+1])/2 convolved
                        float d = DerivativeTaps[k + 9];
                        if (d == 0) continue;
                        v += d * image[SymmetricFilter.Mirror(x + k, width), y];
                        u += d * image[x, SymmetricFilter.Mirror(y + k, height)];
                    }
                    gx[x, y] = v; gy[x, y] = u;
                }
        });
        return (gx, gy);
    }

    private static readonly float[] DerivativeTaps = MakeDerivative();

    private static float[] MakeDerivative()
    {
        double z = Math.Sqrt(3) - 2;
        double Tap(int k) => Math.Abs(k) <= 8 ? Math.Sqrt(3) * Math.Pow(z, Math.Abs(k)) : 0;
        var d = new float[19];
        for (int k = -9; k <= 9; k++)
            d[k + 9] = (float)(0.5 * (Tap(k - 1) - Tap(k + 1)));
        return d;
    }

    private void Data(Raster<float> gx, Raster<float> gy)
    {
        var s = Solver;
        float nu = (float)t.Nu;
        workers.Rows(height, 16, (a, b) =>
        {
            for (int y = a; y < b; y++)
            {
                Span<float> a11 = s.A11.Row(y), a12 = s.A12.Row(y), a22 = s.A22.Row(y), bx = s.Bx.Row(y), by = s.By.Row(y);
                for (int x = 0; x < width; x++)
                {
                    int i = y * width + x;
                    float gain = Gain.Pixels[i];
                    float r = F1w.Pixels[i] - gain * F0.Pixels[i];
                    float var = Variance.Pixels[i];
                    float w = Weight.Pixels[i] / var * (nu + 1) / (nu + r * r / var);
                    float px = x + Dx.Pixels[i], py = y + Dy.Pixels[i];
                    if (px < 0 || py < 0 || px > width - 1 || py > height - 1) w = 0;
                    float ux = gain * gx.Pixels[i], uy = gain * gy.Pixels[i];
                    float rhs = ux * Dx.Pixels[i] + uy * Dy.Pixels[i] - r;
                    a11[x] = w * ux * ux; a12[x] = w * ux * uy; a22[x] = w * uy * uy;
                    bx[x] = w * ux * rhs; by[x] = w * uy * rhs;
                }
            }
        });
    }

    private void Links(Raster<float> wr, Raster<float> wd, double lambda, int k, int outer)
    {
        var s = Solver;
        const int cell = 4;
        double sigma = t.SlopeSigma / scale / cell;
        int cw = (width + cell - 1) / cell, ch = (height + cell - 1) / cell;
        var num = new Raster<float>[4]; var sm = new Raster<float>[4];
        for (int q = 0; q < 4; q++) { num[q] = new(cw, ch); sm[q] = new(cw, ch); }
        Raster<float> denR = new(cw, ch), denD = new(cw, ch), sR = new(cw, ch), sD = new(cw, ch);
        workers.Rows(ch, 4, (a, b) =>
        {
            for (int cy = a; cy < b; cy++)
                for (int y = cy * cell; y < Math.Min(height, cy * cell + cell); y++)
                    for (int x = 0; x < width; x++)
                    {
                        int i = y * width + x, c = cy * cw + x / cell;
                        if (x + 1 < width)
                        {
                            float w = wr.Pixels[i];
                            denR.Pixels[c] += w; num[0].Pixels[c] += w * (Dx.Pixels[i + 1] - Dx.Pixels[i]); num[1].Pixels[c] += w * (Dy.Pixels[i + 1] - Dy.Pixels[i]);
                        }
                        if (y + 1 < height)
                        {
                            float w = wd.Pixels[i];
                            denD.Pixels[c] += w; num[2].Pixels[c] += w * (Dx.Pixels[i + width] - Dx.Pixels[i]); num[3].Pixels[c] += w * (Dy.Pixels[i + width] - Dy.Pixels[i]);
                        }
                    }
        });
        int reach = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        var taps = new float[reach + 1]; double total = 0;
        for (int q = 0; q <= reach; q++) { taps[q] = (float)Math.Exp(-0.5 * q * q / (sigma * sigma)); total += q == 0 ? taps[q] : 2 * taps[q]; }
        for (int q = 0; q <= reach; q++) taps[q] = (float)(taps[q] / total);
        for (int q = 0; q < 4; q++) SymmetricFilter.Apply(num[q], sm[q], taps, 1, workers);
        SymmetricFilter.Apply(denR, sR, taps, 1, workers); SymmetricFilter.Apply(denD, sD, taps, 1, workers);
        for (int q = 0; q < 4; q++)
            for (int c = 0; c < sm[q].Pixels.Length; c++)
                sm[q].Pixels[c] = (float)t.SlopeMix * sm[q].Pixels[c] / Math.Max(1e-6f, (q < 2 ? sR : sD).Pixels[c]);
        var planes = new[] { s.Vxx, s.Vyx, s.Vxy, s.Vyy };
        double tau = t.Tau * Math.Pow(t.Decay, outer - 1 - k);
        float inv = (float)(1 / (tau * tau));
        workers.Rows(height, 16, (a, b) =>
        {
            for (int y = a; y < b; y++)
            {
                float fy = Math.Clamp((y - 1.5f) / cell, 0, ch - 1); int cy = Math.Min((int)fy, Math.Max(0, ch - 2)); fy -= cy; int cy1 = Math.Min(cy + 1, ch - 1);
                for (int q = 0; q < 4; q++)
                {
                    var row = planes[q].Row(y); Span<float> r0 = sm[q].Row(cy), r1 = sm[q].Row(cy1);
                    for (int x = 0; x < width; x++)
                    {
                        float fx = Math.Clamp((x - 1.5f) / cell, 0, cw - 1); int cx = Math.Min((int)fx, Math.Max(0, cw - 2)); fx -= cx; int cx1 = Math.Min(cx + 1, cw - 1);
                        row[x] = (1 - fy) * ((1 - fx) * r0[cx] + fx * r0[cx1]) + fy * ((1 - fx) * r1[cx] + fx * r1[cx1]);
                    }
                }
                Span<float> right = s.Right.Row(y), down = s.Down.Row(y), vxx = s.Vxx.Row(y), vyx = s.Vyx.Row(y), vxy = s.Vxy.Row(y), vyy = s.Vyy.Row(y);
                for (int x = 0; x < width; x++)
                {
                    int i = y * width + x;
                    if (x + 1 < width)
                    {
                        float ex = Dx.Pixels[i + 1] - Dx.Pixels[i] - vxx[x], ey = Dy.Pixels[i + 1] - Dy.Pixels[i] - vyx[x];
                        float q = 1 + (ex * ex + ey * ey) * inv;
                        wr.Pixels[i] = Math.Max((float)t.Floor, 1 / (q * q));
                        right[x] = (float)lambda * wr.Pixels[i];
                    }
                    if (y + 1 < height)
                    {
                        float ex = Dx.Pixels[i + width] - Dx.Pixels[i] - vxy[x], ey = Dy.Pixels[i + width] - Dy.Pixels[i] - vyy[x];
                        float q = 1 + (ex * ex + ey * ey) * inv;
                        wd.Pixels[i] = Math.Max((float)t.Floor, 1 / (q * q));
                        down[x] = (float)lambda * wd.Pixels[i];
                    }
                }
            }
        });
    }
}
