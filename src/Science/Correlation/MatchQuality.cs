using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>What is said of a found displacement: its correlation, its standard errors, and why it may not be used.</summary>
internal static class MatchQuality
{
    /// <summary>Zero-mean normalised cross-correlation of the reference and the secondary warped by the found field, over (2 radius + 1)^2 pixels; NaN where either is flat.</summary>
    public static Raster<float> Score(Raster<float> reference, Raster<float> warped, Raster<float> weight, int radius, Workers workers)
    {
        int width = reference.Width, height = reference.Height;
        var sums = new Raster<float>[6];
        var product = new Raster<float>(width, height);
        for (int kind = 0; kind < 6; kind++)
        {
            sums[kind] = new Raster<float>(width, height);
            int which = kind;
            workers.Rows(height, 32, (first, afterLast) =>
            {
                for (int i = first * width; i < afterLast * width; i++)
                {
                    float w = weight.Pixels[i], a = reference.Pixels[i], b = warped.Pixels[i];
                    product.Pixels[i] = which switch { 0 => w, 1 => w * a, 2 => w * b, 3 => w * a * a, 4 => w * b * b, _ => w * a * b };
                }
            });
            BoxMean.Apply(product, sums[kind], radius, workers);
        }

        workers.Rows(height, 32, (first, afterLast) =>
        {
            for (int i = first * width; i < afterLast * width; i++)
            {
                float w = sums[0].Pixels[i], result = float.NaN;
                if (w > 0.1f)
                {
                    double a = sums[1].Pixels[i] / w, b = sums[2].Pixels[i] / w;
                    double aa = sums[3].Pixels[i] / w - a * a, bb = sums[4].Pixels[i] / w - b * b, ab = sums[5].Pixels[i] / w - a * b;
                    // Below 1e-9 of the image's variance only rounding is left: a flat window.
                    if (aa > 1e-9 && bb > 1e-9)
                        result = (float)Math.Clamp(ab / Math.Sqrt(aa * bb), -1, 1);
                }

                product.Pixels[i] = result;
            }
        });
        return product;
    }

    /// <summary>Radius, pixels, over which the information of a pixel is averaged.</summary>
    private const int InformationRadius = 12;

    /// <summary>
    /// Standard errors from the mean Fisher information per pixel (Cramer-Rao) over the area that the smoothing lets vote together.
    /// </summary>
    public static (Raster<float> SigmaX, Raster<float> SigmaY) Sigma(Raster<float> f11, Raster<float> f12, Raster<float> f22, Raster<float> supportPixels, Workers workers)
    {
        Raster<float> a = new(f11.Width, f11.Height), b = new(f11.Width, f11.Height), c = new(f11.Width, f11.Height);
        BoxMean.Apply(f11, a, InformationRadius, workers);
        BoxMean.Apply(f12, b, InformationRadius, workers);
        BoxMean.Apply(f22, c, InformationRadius, workers);
        workers.Rows(a.Height, 32, (first, afterLast) =>
        {
            for (int i = first * a.Width; i < afterLast * a.Width; i++)
            {
                double pixels = supportPixels.Pixels[i], xx = a.Pixels[i] * pixels, xy = b.Pixels[i] * pixels, yy = c.Pixels[i] * pixels, determinant = xx * yy - xy * xy;
                a.Pixels[i] = determinant > 0 ? (float)Math.Sqrt(yy / determinant) : float.NaN;
                c.Pixels[i] = determinant > 0 ? (float)Math.Sqrt(xx / determinant) : float.NaN;
            }
        });
        return (a, c);
    }
}
