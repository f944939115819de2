using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>One image of the pair made ready: holes filled, mean 0 and variance 1, halved as often as needed; beside each level the weight (1 or 0) of its pixels.</summary>
internal sealed class ImagePyramid
{
    private ImagePyramid(Raster<float> image, Raster<float> weight)
    {
        Image.Add(image);
        Weight.Add(weight);
    }

    public List<Raster<float>> Image { get; } = [];

    public List<Raster<float>> Weight { get; } = [];

    public static ImagePyramid Prepare(Raster<float> image, Raster<Validity> validity)
    {
        var copy = image.Clone();
        var weight = new Raster<float>(image.Width, image.Height);
        double sum = 0, square = 0;
        long count = 0;
        for (int i = 0; i < copy.Pixels.Length; i++)
            if (validity.Pixels[i] == Validity.Valid && float.IsFinite(copy.Pixels[i]))
            {
                weight.Pixels[i] = 1;
                sum += copy.Pixels[i];
                count++;
            }

        double mean = count > 0 ? sum / count : 0;
        for (int i = 0; i < copy.Pixels.Length; i++)
            if (weight.Pixels[i] > 0)
                square += (copy.Pixels[i] - mean) * (copy.Pixels[i] - mean);
        double deviation = count > 0 && square > 0 ? Math.Sqrt(square / count) : 1;
        for (int i = 0; i < copy.Pixels.Length; i++)
            copy.Pixels[i] = weight.Pixels[i] > 0 ? (float)((copy.Pixels[i] - mean) / deviation) : 0;
        Pyramid.FillHoles(copy, weight);
        return new ImagePyramid(copy, weight);
    }

    /// <summary>Adds levels down to <paramref name="coarsest"/>; a coarse pixel weighs 1 when all the pixels under its low pass do.</summary>
    public void Extend(int coarsest, Workers workers)
    {
        for (int level = Image.Count; level <= coarsest; level++)
        {
            Image.Add(Pyramid.Halve(Image[level - 1], workers));
            var fine = Weight[level - 1];
            var coarse = new Raster<float>(Image[level].Width, Image[level].Height);
            if (Array.IndexOf(fine.Pixels, 0f) < 0)
            {
                Weight.Add(coarse.Fill(1));
                continue;
            }

            for (int y = 0; y < coarse.Height; y++)
                for (int x = 0; x < coarse.Width; x++)
                {
                    float least = 1;
                    for (int j = Math.Max(0, 2 * y - 1); j <= Math.Min(fine.Height - 1, 2 * y + 1); j++)
                        for (int i = Math.Max(0, 2 * x - 1); i <= Math.Min(fine.Width - 1, 2 * x + 1); i++)
                            least = Math.Min(least, fine[i, j]);
                    coarse[x, y] = least;
                }

            Weight.Add(coarse);
        }
    }

    /// <summary>The image less its low frequencies (below about one cycle in 16 pixels), where change of season and haze live.</summary>
    public static Raster<float> WithoutShading(Raster<float> image, Workers workers)
    {
        Raster<float> a = new(image.Width, image.Height), b = new(image.Width, image.Height);
        SymmetricFilter.Apply(image, a, Pyramid.Binomial, 1, workers);
        SymmetricFilter.Apply(a, b, Pyramid.Binomial, 2, workers);
        SymmetricFilter.Apply(b, a, Pyramid.Binomial, 4, workers);
        for (int i = 0; i < a.Pixels.Length; i++)
            a.Pixels[i] = image.Pixels[i] - a.Pixels[i];
        return a;
    }
}
